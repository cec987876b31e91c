internal import CNNCore

/// A kernel of Pillow's antialiased resizing (`src/libImaging/Resample.c`).
enum FilterKernel {
  /// A triangle (`BILINEAR`).
  case triangle
  /// The cubic convolution of Keys with a = -0.5, whose outer parts are negative (`BICUBIC`).
  case cubic

  /// How far the kernel reaches from its centre, in source elements, before it is stretched.
  var support: Double {
    switch self {
    case .triangle: 1
    case .cubic: 2
    }
  }

  /// The weight at a distance from the centre; the order of the operations is Pillow's.
  func weight(at position: Double) -> Double {
    let x = abs(position)
    switch self {
    case .triangle: return max(0, 1 - x)
    case .cubic:
      if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }
  }
}

/// The weights of one direction: for each target element a range of source elements under a kernel,
/// which is stretched by the reduction and has its own width when enlarging.
///
/// Source: Pillow, `precompute_coeffs` and `normalize_coeffs_8bpc`; the arithmetic is the same, so
/// the weights are the same bits.
private struct AntialiasedTaps {
  /// The first source element of each target element.
  private(set) var starts: [Int] = []
  /// Where the weights of each target element begin in `weights`; one more entry for the end.
  private(set) var offsets: [Int] = [0]
  /// Fixed point, `precision` bits after the point.
  private(set) var weights: [Int32] = []

  /// Of 32 bits, 8 are the pixel's, and 2 are left for sums below 0 and above 255.
  static let precision: Int32 = 22

  init(_ kernel: FilterKernel, source: Int, target: Int, _ range: Range<Int>) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let support = kernel.support * stretch
    for index in range {
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(source, Int(center + support + 0.5))
      let exact = (start..<end).map { element in
        kernel.weight(at: (Double(element) - center + 0.5) * (1 / stretch))
      }
      let sum = exact.reduce(0, +)
      starts.append(start)
      weights += exact.map { weight in
        let scaled = weight / sum * Double(1 << Self.precision)
        return Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
      }
      offsets.append(weights.count)
    }
  }

  /// The source element after the last that the target element needs.
  func sourceEnd(_ index: Int) -> Int { starts[index] + offsets[index + 1] - offsets[index] }
}

extension Pixels {
  /// Resizes as Pillow does, to the bit: along the rows and along the columns, rounded to 8 bits
  /// after each.
  ///
  /// Pillow 13 goes along the columns first where the height is reduced by more than twice what
  /// the width is; older versions never do, and their pixels differ there by one or two.
  func resizedAntialiased(_ kernel: FilterKernel, to size: Extent, _ region: PixelRegion) -> Pixels
  {
    let columns = AntialiasedTaps(kernel, source: width, target: size.width, region.columns)
    let rows = AntialiasedTaps(kernel, source: height, target: size.height, region.rows)
    let reduction = Extent(height: height - size.height, width: width - size.width)
    let isColumnsFirst = reduction.height > max(0, 2 * reduction.width)
    return Pixels(uncheckedWidth: region.columns.count, height: region.rows.count) { target in
      bytes.withUnsafeBufferPointer { source in
        if isColumnsFirst {
          resizeColumnsFirst(source, rows, columns, target)
        } else {
          resizeRowsFirst(source, rows, columns, target)
        }
      }
    }
  }

  /// Each source row is resized and added to the target rows that it belongs to, so no whole
  /// picture is held between the two directions.
  private func resizeRowsFirst(
    _ source: UnsafeBufferPointer<UInt8>, _ rows: AntialiasedTaps, _ columns: AntialiasedTaps,
    _ target: UnsafeMutableBufferPointer<UInt8>
  ) {
    let rowBytes = 3 * columns.starts.count
    let sums = UnsafeMutableBufferPointer<Int32>.allocate(capacity: target.count)
    let resizedRow = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: rowBytes)
    defer {
      sums.deallocate()
      resizedRow.deallocate()
    }
    sums.initialize(repeating: half)
    // The target rows that a source row belongs to are neighbours. From one source row to the next
    // both ends of their range only move down.
    var (first, end) = (0, 0)
    for sourceRow in rows.starts[0]..<height {
      while end < rows.starts.count, rows.starts[end] <= sourceRow { end += 1 }
      while first < end, rows.sourceEnd(first) <= sourceRow { first += 1 }
      if first == end { break }
      resizeRow(
        UnsafeBufferPointer(rebasing: source[(3 * width * sourceRow)...]), columns, resizedRow)
      for index in first..<end {
        let weight = rows.weights[rows.offsets[index] + sourceRow - rows.starts[index]]
        let sum = UnsafeMutableBufferPointer(rebasing: sums[(index * rowBytes)...])
        add(UnsafeBufferPointer(resizedRow), times: weight, to: sum)
      }
    }
    for index in target.indices { target[index] = rounded(sums[index]) }
  }

  /// The source rows of each target row are summed, then resized.
  private func resizeColumnsFirst(
    _ source: UnsafeBufferPointer<UInt8>, _ rows: AntialiasedTaps, _ columns: AntialiasedTaps,
    _ target: UnsafeMutableBufferPointer<UInt8>
  ) {
    let (sourceRowBytes, rowBytes) = (3 * width, 3 * columns.starts.count)
    let sums = UnsafeMutableBufferPointer<Int32>.allocate(capacity: sourceRowBytes)
    let row = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: sourceRowBytes)
    defer {
      sums.deallocate()
      row.deallocate()
    }
    for index in rows.starts.indices {
      sums.initialize(repeating: half)
      for (sourceRow, tap) in zip(
        rows.starts[index]..., rows.offsets[index]..<rows.offsets[index + 1])
      {
        let bytes = source[sourceRow * sourceRowBytes..<(sourceRow + 1) * sourceRowBytes]
        add(UnsafeBufferPointer(rebasing: bytes), times: rows.weights[tap], to: sums)
      }
      for byte in row.indices { row[byte] = rounded(sums[byte]) }
      resizeRow(
        UnsafeBufferPointer(row), columns,
        UnsafeMutableBufferPointer(rebasing: target[(index * rowBytes)...]))
    }
  }
}

/// One half, added first so that dropping the fraction rounds to nearest.
private let half: Int32 = 1 << (AntialiasedTaps.precision - 1)

/// The sum as a byte. The cubic kernel has negative weights, so sums lie outside of 0...255 at edges,
/// and rounded weights of the triangle can raise white above 255.
@inline(__always)
private func rounded(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: max(0, min(255, sum >> AntialiasedTaps.precision)))
}

/// Brings one source row to the target's width.
private func resizeRow(
  _ source: UnsafeBufferPointer<UInt8>, _ taps: AntialiasedTaps,
  _ target: UnsafeMutableBufferPointer<UInt8>
) {
  taps.weights.withUnsafeBufferPointer { weights in
    for index in taps.starts.indices {
      var (red, green, blue) = (half, half, half)
      var input = 3 * taps.starts[index]
      for tap in taps.offsets[index]..<taps.offsets[index + 1] {
        let weight = weights[tap]
        red &+= Int32(source[input]) &* weight
        green &+= Int32(source[input + 1]) &* weight
        blue &+= Int32(source[input + 2]) &* weight
        input += 3
      }
      target[3 * index] = rounded(red)
      target[3 * index + 1] = rounded(green)
      target[3 * index + 2] = rounded(blue)
    }
  }
}

/// Adds a weighted row to sums.
private func add(
  _ row: UnsafeBufferPointer<UInt8>, times weight: Int32,
  to sums: UnsafeMutableBufferPointer<Int32>
) {
  for index in row.indices { sums[index] &+= Int32(row[index]) &* weight }
}
