internal import CNNCore

/// The gradient of the logits of a softmax over the last dimension, all `[..., F]`:
///
///     dx[i] = y[i] * (dy[i] - sum over j of dy[j] y[j])
///
/// At the end of a network `SoftmaxCrossEntropy` does both steps at once and more accurately.
func softmaxInputGradient(output: Tensor, outputGradient: Tensor) -> Tensor {
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
