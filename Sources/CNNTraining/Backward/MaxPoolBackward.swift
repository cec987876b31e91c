internal import CNNCore

/// The gradient of the input of a maximum pooling: input `[N, C, H, W]`, gradient of the result
/// `[N, C, oH, oW]`, gradient `[N, C, H, W]`.
///
/// Each result was one element of its window, and its gradient goes to that element alone. Of
/// equal elements it is the first, row by row (PyTorch's choice); a NaN wins over numbers.
func maxPoolInputGradient(
  input: Tensor, outputGradient: Tensor, _ window: Window, threads: Int
) -> Tensor {
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
