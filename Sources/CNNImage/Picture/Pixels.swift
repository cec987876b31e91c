internal import CNNCodecs
public import CNNCore
public import CNNSystem

/// A picture in memory: 8-bit RGB, interleaved, rows from the top.
///
/// `PictureDecoder` returns it. A program that has pixels from elsewhere, such as a camera or a
/// video, makes one from its own bytes:
///
///     let pixels = try Pixels(width: 640, height: 480, rgb: frame)
public struct Pixels: Sendable, Hashable {
  /// Columns, from 1 to `maximumSide`.
  public let width: Int
  /// Rows, from 1 to `maximumSide`.
  public let height: Int
  /// Red, green and blue of each pixel: `width * height * 3` bytes, 0 is black.
  public let bytes: [UInt8]

  /// The greatest width and height: 65,535, the most that a JPEG can state. It bounds the work of a
  /// resize.
  public static let maximumSide = Int(cnn_maximum_side)

  /// A picture from RGB bytes.
  ///
  /// - Throws: `invalidShape` unless there are `width * height * 3` bytes.
  public init(width: Int, height: Int, rgb: [UInt8]) throws(CNNError) {
    try Self.check(width, height, channels: 3, count: rgb.count)
    self.init(uncheckedWidth: width, height: height, bytes: rgb)
  }

  /// A picture from grey bytes, one for each pixel.
  ///
  /// - Throws: `invalidShape` unless there are `width * height` bytes.
  public init(width: Int, height: Int, gray: [UInt8]) throws(CNNError) {
    try Self.check(width, height, channels: 1, count: gray.count)
    self.init(uncheckedWidth: width, height: height) { target in
      for (index, value) in gray.enumerated() {
        for channel in 0..<3 { target[3 * index + channel] = value }
      }
    }
  }

  /// A picture from RGBA bytes (alpha not premultiplied), composited on `background`.
  ///
  /// - Throws: `invalidShape` unless there are `width * height * 4` bytes.
  public init(
    width: Int, height: Int, rgba: [UInt8], background: RGBColor = .white
  ) throws(CNNError) {
    try Self.check(width, height, channels: 4, count: rgba.count)
    self.init(uncheckedWidth: width, height: height, rgba: rgba, background: background)
  }

  /// A picture from bytes that are known to fit the size.
  init(uncheckedWidth width: Int, height: Int, bytes: [UInt8]) {
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// A picture from RGBA bytes that are known to fit the size, composited on `background`.
  init(uncheckedWidth width: Int, height: Int, rgba: [UInt8], background: RGBColor) {
    let behind = [background.red, background.green, background.blue]
    self.init(uncheckedWidth: width, height: height) { target in
      cnn_composite(target.baseAddress, rgba, width * height, behind)
    }
  }

  /// A picture whose memory `fill` writes; it has to write every byte.
  init(
    uncheckedWidth width: Int, height: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void
  ) {
    let count = width * height * 3
    self.init(
      uncheckedWidth: width, height: height,
      bytes: [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
        fill(UnsafeMutableBufferPointer(rebasing: target[..<count]))
        initializedCount = count
      })
  }

  /// Height and width.
  public var size: Extent { Extent(height: height, width: width) }

  /// The colour of one pixel, counted from the top left. Precondition: it lies inside.
  public subscript(row: Int, column: Int) -> RGBColor {
    precondition(
      (0..<height).contains(row) && (0..<width).contains(column), "pixel outside the picture")
    let index = 3 * (row * width + column)
    return RGBColor(red: bytes[index], green: bytes[index + 1], blue: bytes[index + 2])
  }

  private static func check(
    _ width: Int, _ height: Int, channels: Int, count: Int
  ) throws(CNNError) {
    guard (1...maximumSide).contains(width), (1...maximumSide).contains(height) else {
      throw CNNError(
        .usage, .invalidShape, "a picture cannot have this size", found: "\(width)x\(height)",
        expected: "sides from 1 to \(maximumSide)")
    }
    guard count == width * height * channels else {
      throw CNNError(
        .usage, .invalidShape, "the bytes do not fit a picture of \(width)x\(height) pixels",
        found: "\(count)", expected: "\(width * height * channels), \(channels) a pixel")
    }
  }
}

/// A colour with 8 bits for each channel.
public struct RGBColor: Sendable, Hashable, Codable {
  /// 0 to 255.
  public var red: UInt8
  /// 0 to 255.
  public var green: UInt8
  /// 0 to 255.
  public var blue: UInt8

  /// A colour from its channels.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// White: (255, 255, 255).
  public static let white = RGBColor(red: 255, green: 255, blue: 255)
  /// Black: (0, 0, 0).
  public static let black = RGBColor(red: 0, green: 0, blue: 0)
}
