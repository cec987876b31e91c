import CNNCore

/// Winograd's minimal filtering of one channel in bfloat16: F(4x4, 3x3), F(2x2, 5x5) and F(2x2, 3x3)
/// with the mean of each tile subtracted before, and added by two points behind those of the form.
struct WinogradReference {
  let kernel: Int
  let results: Int
  /// Rows and columns of a tile.
  var inputs: Int { results + kernel - 1 }
  /// Products of a tile.
  var points: Int { inputs * inputs + 2 }

  func tileCount(_ output: Extent) -> Int { rows(output) * columns(output) }
  private func rows(_ output: Extent) -> Int { (output.height + results - 1) / results }
  private func columns(_ output: Extent) -> Int { (output.width + results - 1) / results }

  /// The points of all tiles of `plane`, rounded.
  func transformed(_ plane: Plane, _ output: Extent) -> [Float] {
    (0..<tileCount(output)).flatMap { tile -> [Float] in
      let top = tile / columns(output) * results
      let left = tile % columns(output) * results
      let (middle, below) = (inputs / 2 - 1, inputs / 2)
      let mean = BFloat16Reference.rounded(
        0.25
          * ((plane[top + middle, left + middle] + plane[top + middle, left + below])
            + (plane[top + below, left + middle] + plane[top + below, left + below])))
      let rest = (0..<inputs).map { row in
        (0..<inputs).map { column in plane[top + row, left + column] - mean }
      }
      return twice(rest, input).flatMap { $0.map(BFloat16Reference.rounded) } + [mean, mean]
    }
  }

  /// The points of a kernel, rounded.
  func transformed(_ numbers: [Float]) -> [Float] {
    let rows = (0..<kernel).map { Array(numbers[$0 * kernel..<($0 + 1) * kernel]) }
    let sum = numbers.dropFirst().reduce(numbers[0], +)
    let upper = BFloat16Reference.rounded(sum)
    return twice(rows, weight).flatMap { $0.map(BFloat16Reference.rounded) }
      + [upper, BFloat16Reference.rounded(sum - upper)]
  }

  /// Adds the results of all tiles that lie inside to `sums`.
  func finish(_ products: [Double], _ output: Extent, adding sums: inout [Double]) {
    for tile in 0..<tileCount(output) {
      let first = tile * points
      let rows = (0..<inputs).map { row in
        (0..<inputs).map { products[first + row * inputs + $0] }
      }
      let mean = products[first + points - 2] + products[first + points - 1]
      for (y, line) in twice(rows, self.output).enumerated() {
        for (x, result) in line.enumerated() {
          let row = tile / columns(output) * results + y
          let column = tile % columns(output) * results + x
          guard row < output.height, column < output.width else { continue }
          sums[row * output.width + column] += result + mean
        }
      }
    }
  }

  /// The transform of all columns, then of all rows.
  private func twice<Number>(
    _ rows: [[Number]], _ transform: ([Number]) -> [Number]
  ) -> [[Number]] {
    let columns = rows[0].indices.map { column in transform(rows.map { $0[column] }) }
    return columns[0].indices.map { row in transform(columns.map { $0[row] }) }
  }
}

// MARK: The transforms, with the kernels' order of operations

extension WinogradReference {
  private var root: Float { 1.41421356237309504880 }

  private func input(_ d: [Float]) -> [Float] {
    if inputs == 4 { return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[3] - d[1]] }
    let even = d[4].addingProduct(-0.5, d[2])
    let odd = d[3].addingProduct(-0.5, d[1])
    let even2 = d[4].addingProduct(-2, d[2])
    let odd2 = d[3].addingProduct(-2, d[1])
    return [
      (d[0] + d[4]).addingProduct(-2.5, d[2]), even.addingProduct(root, odd),
      even.addingProduct(-root, odd), even2.addingProduct(root / 2, odd2),
      even2.addingProduct(-root / 2, odd2), (d[1] + d[5]).addingProduct(-2.5, d[3]),
    ]
  }

  private func weight(_ g: [Float]) -> [Float] {
    if inputs == 4 {
      return [g[0], 0.5 * ((g[0] + g[2]) + g[1]), 0.5 * ((g[0] + g[2]) - g[1]), g[2]]
    }
    let isWide = kernel == 5
    let even = g[0].addingProduct(2, isWide ? g[2].addingProduct(2, g[4]) : g[2])
    let odd = root * (isWide ? g[1].addingProduct(2, g[3]) : g[1])
    let even2 = g[0].addingProduct(0.5, isWide ? g[2].addingProduct(0.5, g[4]) : g[2])
    let odd2 = root / 2 * (isWide ? g[1].addingProduct(0.5, g[3]) : g[1])
    let (sixth, minusTwoThirds): (Float, Float) = (1 / 6, -2 / 3)
    return [
      g[0], sixth * (even + odd), sixth * (even - odd), minusTwoThirds * (even2 + odd2),
      minusTwoThirds * (even2 - odd2), g[kernel - 1],
    ]
  }

  private func output(_ m: [Double]) -> [Double] {
    if inputs == 4 { return [m[0] + m[1] + m[2], m[1] - m[2] + m[3]] }
    // The powers of the points, and of infinity in the last row.
    let (large, small) = (2.0.squareRoot(), 0.5.squareRoot())
    let points: [Double] = [large, -large, small, -small]
    return (0..<results).map { row in
      var sum = row == 0 ? m[0] : row == results - 1 ? m[5] : 0
      for (index, point) in points.enumerated() {
        let power = (0..<row).reduce(1.0) { power, _ in power * point }
        sum += power * m[index + 1]
      }
      return sum
    }
  }
}
