internal import CNNCore

/// Saves the output, whose sign is that of the input.
extension ReLU: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let output = run(inputs, threads: context.threads)
    return LayerForward(output: output, saved: output)
  }

  func backward(
    _ output: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let gradient = Self.inputGradient(
      output: output, outputGradient: outputGradient, threads: context.threads)
    return LayerGradients(inputs: [gradient])
  }

  /// The gradient of the input of a ReLU, any shape: that of the result where the result is
  /// positive, otherwise 0 (at 0 too, as in PyTorch).
  ///
  /// Works in place where the caller hands over the only reference to the gradient.
  static func inputGradient(
    output: Tensor, outputGradient: consuming Tensor, threads: Int
  ) -> Tensor {
    var result = outputGradient
    result.updateElements(threads: threads) { elements, range in
      output.withUnsafeElements { output in
        for index in range { elements[index] = output[index] > 0 ? elements[index] : 0 }
      }
    }
    return result
  }
}
