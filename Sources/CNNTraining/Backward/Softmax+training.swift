internal import CNNCore

/// Saves the output.
extension Softmax: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let output = run(inputs, threads: context.threads)
    return LayerForward(output: output, saved: output)
  }

  func backward(
    _ output: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let gradient = Self.inputGradient(output: output, outputGradient: outputGradient)
    return LayerGradients(inputs: [gradient])
  }

  /// The gradient of the logits of a softmax over the last dimension, all `[..., F]`:
  ///
  ///     dx[i] = y[i] * (dy[i] - sum over j of dy[j] y[j])
  ///
  /// At the end of a network `SoftmaxCrossEntropy` does both steps at once and more accurately.
  static func inputGradient(output: Tensor, outputGradient: Tensor) -> Tensor {
    let size = max(1, output.shape.last ?? 1)
    return Tensor(uninitialized: output.shape) { target in
      output.withUnsafeElements { output in
        outputGradient.withUnsafeElements { gradient in
          for begin in stride(from: 0, to: output.count, by: size) {
            var projection = 0.0
            for index in begin..<begin + size {
              projection += Double(gradient[index]) * Double(output[index])
            }
            for index in begin..<begin + size {
              target[index] = Float(Double(output[index]) * (Double(gradient[index]) - projection))
            }
          }
        }
      }
    }
  }
}
