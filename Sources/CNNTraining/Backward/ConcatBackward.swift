internal import CNNCore

/// The gradients of tensors that were joined along the channels: each input's part of the gradient
/// of the result `[N, sum of Ci, H, W]`.
///
/// - Parameter shapes: `[N, Ci, H, W]` of each input.
func concatInputGradients(inputs shapes: [[Int]], outputGradient: Tensor) -> [Tensor] {
  let picture = outputGradient.count / max(1, outputGradient.shape[0])
  var offset = 0
  return shapes.map { shape in
    let size = shape[1...].reduce(1, *)
    defer { offset += size }
    return Tensor(uninitialized: shape) { target in
      outputGradient.withUnsafeElements { source in
        for index in 0..<shape[0] {
          let begin = index * picture + offset
          _ = target[(index * size)...].update(fromContentsOf: source[begin..<begin + size])
        }
      }
    }
  }
}
