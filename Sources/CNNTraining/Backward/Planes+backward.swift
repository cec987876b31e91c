internal import CNNCore
internal import CNNSystem

/// A new tensor of the shape of `input`, `[N, C, H, W]`, of which `body` writes one plane per call.
///
/// - Parameters:
///   - input: what the forward pass read.
///   - gradient: the gradient of the result, `[N, C, oH, oW]` or `[N, C]`.
///   - threads: how many planes are written at once.
///   - body: gets the planes of `input` and `gradient`, and the plane to write in full.
func mappingPlanes(
  of input: Tensor, with gradient: Tensor, threads: Int,
  _ body:
    @Sendable (
      _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
      _ target: UnsafeMutablePointer<Float>
    ) -> Void
) -> Tensor {
  let planes = input.shape[0] * input.shape[1]
  let (size, gradientSize) = (input.count / max(1, planes), gradient.count / max(1, planes))
  return Tensor(uninitialized: input.shape) { elements in
    // Every plane belongs to one thread, and all have ended before the elements are seen.
    nonisolated(unsafe) let target = elements
    Workers.forEach(count: planes, threads: threads) { plane in
      input.withUnsafeElements { input in
        gradient.withUnsafeElements { gradient in
          guard let input = input.baseAddress, let gradient = gradient.baseAddress,
            let target = target.baseAddress
          else { return }
          body(input + plane * size, gradient + plane * gradientSize, target + plane * size)
        }
      }
    }
  }
}
