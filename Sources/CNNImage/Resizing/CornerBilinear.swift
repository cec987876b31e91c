internal import CNNCore

extension Pixels {
  /// The bilinear resize of TensorFlow 1: target pixel x lies at `x * scale` of the source, so the
  /// picture moves by up to half a pixel, and reduction is not antialiased.
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
