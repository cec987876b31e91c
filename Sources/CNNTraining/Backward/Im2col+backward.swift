internal import CNNCore

extension Im2col {
  /// Adds a matrix of patches back to where `write` took them from, its transpose: elements of
  /// several patches receive the sum.
  ///
  /// - Parameters:
  ///   - source: `[C * kH * kW, rows.count * oW]`.
  ///   - rows: the output rows whose patches they are.
  ///   - target: one picture `[C, H, W]`.
  func add(
    _ source: UnsafePointer<Float>, outputRows rows: Range<Int>,
    to target: UnsafeMutablePointer<Float>
  ) {
    var source = source
    for channel in 0..<channels {
      let plane = target + channel * input.height * input.width
      for kernelRow in 0..<kernel.height {
        for kernelColumn in 0..<kernel.width {
          for row in rows {
            let inputRow = row * stride.height + kernelRow - edges.top
            if inputRow >= 0 && inputRow < input.height {
              addRow(source, to: plane + inputRow * input.width, shift: kernelColumn - edges.left)
            }
            source += output.width
          }
        }
      }
    }
  }

  /// Adds output column `x` to `target[x * stride + shift]` where that lies inside the row.
  private func addRow(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, shift: Int
  ) {
    func firstColumn(reaching position: Int) -> Int {
      let distance = max(0, position - shift)
      return min(output.width, (distance + stride.width - 1) / stride.width)
    }
    let begin = firstColumn(reaching: 0)
    for column in begin..<max(begin, firstColumn(reaching: input.width)) {
      target[column * stride.width + shift] += source[column]
    }
  }
}
