internal import CNNCore
internal import CNNSystem

/// Saves the input, in which the backward pass finds the largest elements again.
extension MaxPool: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let input = inputs[0]
    return LayerForward(output: self(input, threads: context.threads), saved: input)
  }

  func backward(
    _ input: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let gradient = inputGradient(
      input: input, outputGradient: outputGradient, threads: context.threads)
    return LayerGradients(inputs: [gradient])
  }

  /// The gradient of the input of a maximum pooling: input `[N, C, H, W]`, gradient of the result
  /// `[N, C, oH, oW]`, gradient `[N, C, H, W]`.
  ///
  /// Each result was one element of its window, and its gradient goes to that element. Of
  /// equal elements it is the first, row by row (PyTorch's choice); a NaN wins over numbers.
  func inputGradient(input: Tensor, outputGradient: Tensor, threads: Int) -> Tensor {
    let extent = input.planeExtent
    let cells = PoolingCells(window, input: extent)
    let positions = cells.rows.count * cells.columns.count
    return mappingPlanes(of: input, with: outputGradient, threads: threads) {
      input, gradient, target in
      target.update(repeating: 0, count: extent.height * extent.width)
      guard positions > 0 else { return }
      var gradient = gradient
      for rows in cells.rows {
        for columns in cells.columns {
          var best = rows.lowerBound * extent.width + columns.lowerBound
          for row in rows {
            for index
              in (row * extent.width + columns.lowerBound)..<(row * extent.width
              + columns.upperBound)
            where input[index] > input[best] || input[index].isNaN { best = index }
          }
          target[best] += gradient.pointee
          gradient += 1
        }
      }
    }
  }
}

/// A new tensor of the shape of `input`, `[N, C, H, W]`, of which `body` writes one plane per call.
///
/// - Parameters:
///   - input: what the forward pass read.
///   - gradient: the gradient of the result, `[N, C, oH, oW]` or `[N, C]`.
///   - threads: how many planes are written at once.
///   - body: gets the planes of `input` and `gradient`, and the plane to write in full.
private func mappingPlanes(
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
    // Each plane is written by one thread, and all threads end before the result is read.
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
