package import CNNCore

/// A picture whose elements are not rounded to whole numbers: RGB, interleaved, rows from the top,
/// on the scale 0 to 255.
///
/// Some pipelines resize in floating point; see `Resampling`.
package struct FloatPixels: Sendable, Hashable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Red, green and blue of each pixel: `width * height * 3` elements.
  package let values: [Float]

  init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.width = width
    self.height = height
    let count = width * height * 3
    values = [Float](unsafeUninitializedCapacity: count) { target, initializedCount in
      fill(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      initializedCount = count
    }
  }

  /// The same picture with each byte as a Float.
  package init(_ pixels: Pixels) {
    width = pixels.width
    height = pixels.height
    values = pixels.bytes.map { Float($0) }
  }

  /// Height and width.
  package var size: Extent { Extent(height: height, width: width) }

  /// Each element rounded to the nearest whole number, halves away from zero.
  package var rounded: Pixels {
    Pixels(
      uncheckedWidth: width, height: height,
      bytes: values.map { UInt8(max(0, min(255, $0.rounded()))) })
  }
}
