internal import CNNCore
internal import CNNSystem

extension AveragePool: TrainableLayer {
  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    meanPoolGradients(outputGradient, context) { PoolingCells(window, input: $0) }
  }
}

extension AdaptiveAveragePool: TrainableLayer {
  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    meanPoolGradients(outputGradient, context) { PoolingCells(adaptive: size, input: $0) }
  }
}

extension GlobalAveragePool: TrainableLayer {
  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    meanPoolGradients(outputGradient, context) { PoolingCells(adaptive: 1, input: $0) }
  }
}

private func meanPoolGradients(
  _ outputGradient: Tensor, _ context: LayerContext, cells: (_ input: Extent) -> PoolingCells
) -> LayerGradients {
  let shape = context.inputShapes(outputGradient)[0]
  let gradient = meanPoolInputGradient(
    input: shape, outputGradient: outputGradient,
    cells(Extent(height: shape[2], width: shape[3])), threads: context.threads)
  return LayerGradients(inputs: [gradient])
}

/// The gradient of the input of a pooling that takes means: gradient of the result
/// `[N, C, oH, oW]` (or `[N, C]` for one cell), gradient `[N, C, H, W]`.
///
/// A result is the mean of its n elements, so each of them receives an n-th of its gradient; cells
/// that overlap add up.
func meanPoolInputGradient(
  input shape: [Int], outputGradient: Tensor, _ cells: PoolingCells, threads: Int
) -> Tensor {
  let (planes, size, width) = (shape[0] * shape[1], shape[2] * shape[3], shape[3])
  let positions = cells.rows.count * cells.columns.count
  return Tensor(uninitialized: shape) { elements in
    // Each plane is written by one thread, and all threads end before the result is read.
    nonisolated(unsafe) let elements = elements
    Workers.forEach(count: planes, threads: threads) { plane in
      outputGradient.withUnsafeElements { gradients in
        let target = UnsafeMutableBufferPointer(
          rebasing: elements[(plane * size)..<((plane + 1) * size)])
        target.update(repeating: 0)
        var position = plane * positions
        for rows in cells.rows {
          for columns in cells.columns {
            let share = gradients[position] / Float(rows.count * columns.count)
            for row in rows {
              for column in columns { target[row * width + column] += share }
            }
            position += 1
          }
        }
      }
    }
  }
}
