internal import CNNCore

/// The two source elements next to each target element, and the share of the second.
struct LinearTaps {
  private(set) var first: [Int] = []
  private(set) var second: [Int] = []
  /// From 0 (only the first) to 1.
  private(set) var share: [Float] = []

  /// - Parameters:
  ///   - source: the number of source elements.
  ///   - positions: where each target element lies among them. Beyond the ends, the last element
  ///     is repeated.
  init(source: Int, positions: some Sequence<Double>) {
    for position in positions {
      let below = position.rounded(.down)
      first.append(max(0, min(source - 1, Int(below))))
      second.append(max(0, min(source - 1, Int(below) + 1)))
      share.append(Float(position - below))
    }
  }

  /// The same with positions beyond the ends moved to them. Only rounding differs: there both
  /// source elements are the same one.
  func clampedAtEnds() -> LinearTaps {
    var copy = self
    for index in share.indices where first[index] == second[index] { copy.share[index] = 0 }
    return copy
  }
}

/// Calls `body` for each target row with its two source rows, which `horizontal` has brought to the
/// target's width. The last two source rows are held, so that each is computed once.
///
/// - Parameters:
///   - rows: the two source rows of each target row.
///   - count: elements of a target row.
func forEachRowPair<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
  _ rows: LinearTaps, count: Int,
  horizontal: (_ sourceRow: Int, UnsafeMutableBufferPointer<Element>) -> Void,
  body: (
    _ targetRow: Int, UnsafeMutableBufferPointer<Element>, UnsafeMutableBufferPointer<Element>
  ) -> Void
) {
  let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: 2 * count)
  memory.initialize(repeating: 0)
  defer { memory.deallocate() }
  let slots = [
    UnsafeMutableBufferPointer(rebasing: memory[..<count]),
    UnsafeMutableBufferPointer(rebasing: memory[count...]),
  ]
  var held = [-1, -1]
  /// The slot of `row`, computed where it is not held, without touching the slot of `other`.
  func slot(holding row: Int, besides other: Int) -> UnsafeMutableBufferPointer<Element> {
    if let index = held.firstIndex(of: row) { return slots[index] }
    let index = held[0] == other ? 1 : 0
    horizontal(row, slots[index])
    held[index] = row
    return slots[index]
  }
  for index in rows.first.indices {
    let (first, second) = (rows.first[index], rows.second[index])
    body(index, slot(holding: first, besides: second), slot(holding: second, besides: first))
  }
}

// MARK: OpenCV: positions from pixel centres

/// The positions of the target pixels' centres among the centres of the source pixels.
private func centres(source: Int, target: Int, _ range: Range<Int>) -> [Double] {
  let scale = 1 / (Double(target) / Double(source))
  return range.map { (Double($0) + 0.5) * scale - 0.5 }
}

extension LinearTaps {
  /// As OpenCV computes them for 8-bit pictures (`modules/imgproc/src/resize.cpp`): rounded to
  /// Float32 before the share is taken.
  fileprivate init(eightBit source: Int, target: Int, _ range: Range<Int>) {
    self.init(
      source: source,
      positions: centres(source: source, target: target, range).map { Double(Float($0)) })
  }

  /// As Intel's IPP computes them, which OpenCV uses for Float32 pictures where it can.
  fileprivate init(float source: Int, target: Int, _ range: Range<Int>) {
    self.init(source: source, positions: centres(source: source, target: target, range))
  }
}

extension Pixels {
  /// OpenCV's `INTER_LINEAR` on 8-bit pictures, to the bit: weights of 11 bits, sums of 32 bits.
  func resizedBilinear(to size: Extent, _ region: PixelRegion) -> Pixels {
    let columns = LinearTaps(eightBit: width, target: size.width, region.columns).clampedAtEnds()
    // OpenCV sets the share to 0 beyond the ends only for columns, not for rows.
    let rows = LinearTaps(eightBit: height, target: size.height, region.rows)
    let columnWeights = columns.share.map(FixedPointWeights.init)
    let rowBytes = 3 * region.columns.count
    return Pixels(uncheckedWidth: region.columns.count, height: region.rows.count) { target in
      bytes.withUnsafeBufferPointer { source in
        forEachRowPair(rows, count: rowBytes) { (row, values: UnsafeMutableBufferPointer<Int32>) in
          for (index, weights) in columnWeights.enumerated() {
            let first = 3 * (row * width + columns.first[index])
            let second = 3 * (row * width + columns.second[index])
            for channel in 0..<3 {
              values[3 * index + channel] =
                Int32(source[first + channel]) &* weights.first
                &+ Int32(source[second + channel]) &* weights.second
            }
          }
        } body: { row, first, second in
          let weights = FixedPointWeights(share: rows.share[row])
          for index in 0..<rowBytes {
            // The shifts are OpenCV's: 4 bits off the 19 of a row sum, then 16, then the last 2.
            let sum =
              (((first[index] >> 4) &* weights.first) >> 16)
              &+ (((second[index] >> 4) &* weights.second) >> 16)
            target[row * rowBytes + index] = UInt8(truncatingIfNeeded: min(255, (sum &+ 2) >> 2))
          }
        }
      }
    }
  }

  /// OpenCV's `INTER_LINEAR` on Float32 pictures.
  func resizedFloatBilinear(to size: Extent, _ region: PixelRegion) -> FloatPixels {
    let columns = LinearTaps(float: width, target: size.width, region.columns)
    let rows = LinearTaps(float: height, target: size.height, region.rows)
    return interpolated(rows: rows, columns: columns) { first, second, share in
      first * (1 - share) + second * share
    }
  }
}

/// The weights of two neighbours in fixed point, 11 bits after the point.
private struct FixedPointWeights {
  let first: Int32
  let second: Int32

  init(share: Float) {
    first = Int32(((1 - share) * 2048).rounded(.toNearestOrEven))
    second = Int32((share * 2048).rounded(.toNearestOrEven))
  }
}

// MARK: TensorFlow 1: positions from pixel corners

extension Pixels {
  /// The bilinear resize of TensorFlow 1: target pixel x lies at `x * scale` of the source, so the
  /// picture moves by up to half a pixel, and a reduction is not antialiased.
  ///
  /// Source: TensorFlow, `core/kernels/image/resize_bilinear_op.cc` with `half_pixel_centers` and
  /// `align_corners` off; the same Float32 operations.
  func resizedFloatBilinearFromCorner(to size: Extent, _ region: PixelRegion) -> FloatPixels {
    interpolated(
      rows: LinearTaps(corner: height, target: size.height, region.rows),
      columns: LinearTaps(corner: width, target: size.width, region.columns)
    ) { first, second, share in first + (second - first) * share }
  }

  /// Linear interpolation in floating point along the rows, then along the columns.
  func interpolated(
    rows: LinearTaps, columns: LinearTaps, _ mix: (Float, Float, _ share: Float) -> Float
  ) -> FloatPixels {
    let rowCount = 3 * columns.first.count
    return FloatPixels(width: columns.first.count, height: rows.first.count) { target in
      bytes.withUnsafeBufferPointer { source in
        forEachRowPair(rows, count: rowCount) { (row, values: UnsafeMutableBufferPointer<Float>) in
          for (index, share) in columns.share.enumerated() {
            let first = 3 * (row * width + columns.first[index])
            let second = 3 * (row * width + columns.second[index])
            for channel in 0..<3 {
              values[3 * index + channel] = mix(
                Float(source[first + channel]), Float(source[second + channel]), share)
            }
          }
        } body: { row, first, second in
          for index in 0..<rowCount {
            target[row * rowCount + index] = mix(first[index], second[index], rows.share[row])
          }
        }
      }
    }
  }
}

extension LinearTaps {
  fileprivate init(corner source: Int, target: Int, _ range: Range<Int>) {
    let scale = Float(source) / Float(target)
    self.init(source: source, positions: range.lazy.map { Double(Float($0) * scale) })
  }
}
