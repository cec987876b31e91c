internal import CNNCore

/// The weights of one direction of Pillow's `BILINEAR`: for each target element a run of source
/// elements under a triangle, which is as wide as the reduction (and one pixel each way when
/// enlarging).
///
/// Source: Pillow, `src/libImaging/Resample.c`, `precompute_coeffs`; the arithmetic is the same,
/// so the weights are the same bits.
private struct AntialiasedTaps {
  /// The first source element of each target element.
  private(set) var starts: [Int] = []
  /// Where the weights of each target element begin in `weights`; one more entry for the end.
  private(set) var offsets: [Int] = [0]
  /// Fixed point, `precision` bits after the point.
  private(set) var weights: [Int32] = []

  /// 8 bits of pixel and 2 of headroom are left of 32.
  static let precision: Int32 = 22

  init(source: Int, target: Int, _ range: Range<Int>) {
    let scale = Double(source) / Double(target)
    let support = max(scale, 1)
    for index in range {
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(source, Int(center + support + 0.5))
      let triangle = (start..<end).map { element in
        max(0, 1 - abs((Double(element) - center + 0.5) * (1 / support)))
      }
      let sum = triangle.reduce(0, +)
      starts.append(start)
      weights += triangle.map { Int32(0.5 + $0 / sum * Double(1 << Self.precision)) }
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
  /// the width is; older versions never do, and their values differ there by one or two.
  func resizedAntialiased(to size: Extent, _ region: PixelRegion) -> Pixels {
    let columns = AntialiasedTaps(source: width, target: size.width, region.columns)
    let rows = AntialiasedTaps(source: height, target: size.height, region.rows)
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

  /// One source row is resized at a time and added to the target rows under it, so no picture
  /// stands between the two steps.
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
    // The target rows over one source row are neighbours, and both ends only move down.
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

  /// The source rows under one target row are added up, then resized.
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

/// Half of one, so that cutting the fraction off rounds.
private let half: Int32 = 1 << (AntialiasedTaps.precision - 1)

/// Weights are never negative, but their rounding can carry white over 255.
@inline(__always)
private func rounded(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: min(255, sum >> AntialiasedTaps.precision))
}

/// One row of the source to one row of the target's width.
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

private func add(
  _ row: UnsafeBufferPointer<UInt8>, times weight: Int32,
  to sums: UnsafeMutableBufferPointer<Int32>
) {
  for index in row.indices { sums[index] &+= Int32(row[index]) &* weight }
}
