public import CNNCore

/// A picture whose values are not rounded to whole numbers: RGB, interleaved, rows from the top,
/// on the scale 0 to 255.
///
/// Some pipelines resize in floating point; see `Resampling`.
public struct FloatPixels: Sendable, Hashable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Red, green and blue of each pixel: `width * height * 3` numbers.
  public let values: [Float]

  init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    self.width = width
    self.height = height
    let count = width * height * 3
    values = [Float](unsafeUninitializedCapacity: count) { target, initializedCount in
      fill(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      initializedCount = count
    }
  }

  /// The same picture, without a change.
  public init(_ pixels: Pixels) {
    width = pixels.width
    height = pixels.height
    values = pixels.bytes.map { Float($0) }
  }

  /// Height and width.
  public var size: Extent { Extent(height: height, width: width) }

  /// Each value rounded to the nearest whole number, halves away from zero.
  public var rounded: Pixels {
    Pixels(
      uncheckedWidth: width, height: height,
      bytes: values.map { UInt8(max(0, min(255, $0.rounded()))) })
  }
}
