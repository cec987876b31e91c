package import CNNCore
internal import CNNSystem

/// The gradient of one parameter.
package enum ParameterGradient: Sendable {
  /// Element by element, in the parameter's shape.
  case dense(Tensor)
  /// That of a linear weight `[out, in]`, as the factors whose product it is.
  case outerProduct(OuterProduct)
}

/// The gradient of a linear weight, `sum over n of outputs[n]^T inputs[n]`, before it is formed.
///
/// The factors are a hundredth of the product's size. The optimiser forms the product panel by
/// panel and applies each panel while it is in the cache, so the whole product is never stored.
package struct OuterProduct: Sendable {
  /// The gradient of the layer's result, `[N, out]`.
  package let outputs: Tensor
  /// The layer's input, `[N, in]`.
  package let inputs: Tensor

  /// The product of two factors. Precondition: equal numbers of rows.
  package init(outputs: Tensor, inputs: Tensor) {
    requireArgument(outputs.shape[0] == inputs.shape[0], "the factors have a row for each picture")
    self.outputs = outputs
    self.inputs = inputs
  }
}

/// The gradients of the trained parameters, in the order of the nodes.
package struct ParameterGradients: Sendable {
  /// Name and gradient of each trained parameter.
  package var entries: [(name: String, gradient: ParameterGradient)]
}
