/// The largest value of each window: input `[N, C, H, W]`, result `[N, C, oH, oW]` with
/// `oH = round((H + top + bottom - kH) / stride) + 1`, rounded as `window` says.
///
/// Padding never wins, and NaN does. Precondition: the padding is smaller than the kernel.
public func maxPool(_ input: Tensor, _ window: Window, threads: Int = 1) -> Tensor {
  let cells = PoolingCells(window, input: input.planeExtent)
  return input.pooled(cells, threads: threads) { plane, width, rows, columns in
    var largest = -Float.infinity
    for row in rows {
      for column in columns {
        let value = plane[row * width + column]
        if value > largest || value.isNaN { largest = value }
      }
    }
    return largest
  }
}
