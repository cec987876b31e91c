internal import CNNCore

/// The centres of the target pixels among those of the source, each in the middle of its pixel.
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

  /// As the IPP library computes them, which OpenCV uses for Float32 pictures where it can.
  fileprivate init(float source: Int, target: Int, _ range: Range<Int>) {
    self.init(source: source, positions: centres(source: source, target: target, range))
  }
}

extension Pixels {
  /// OpenCV's `INTER_LINEAR` on 8-bit pictures, to the bit: weights of 11 bits, sums in 32 bits.
  func resizedBilinear(to size: Extent, _ region: PixelRegion) -> Pixels {
    let columns = LinearTaps(eightBit: width, target: size.width, region.columns).clampedAtEnds()
    // Only along the rows does OpenCV clamp the weight together with the position.
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
