package import CNNSystem

/// `max(x, 0)` for each element of a tensor of any shape; NaN stays NaN.
package struct ReLU: UnaryLayer {
  /// The function.
  package init() {}

  package static let name = "relu"
  package var layer: Layer { .relu }
  package var summary: String { "ReLU" }

  package init(from settings: LayerSettings.Reader) throws {}

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] { inputs[0] }

  /// Works in place where the caller hands over the only reference to the elements.
  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    var output = input
    output.updateElements(threads: threads) { elements, range in
      for index in range { elements[index] = elements[index] < 0 ? 0 : elements[index] }
    }
    return output
  }
}
