public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A decoded picture file.
public struct DecodedPicture: Sendable, Hashable {
  /// The pixels, turned upright unless the options say otherwise.
  public let pixels: Pixels
  /// The format that the content shows.
  public let format: PictureFormat
  /// The orientation that the file states, applied or not.
  public let orientation: Orientation
  /// What is wrong with the file although it could be decoded, a sentence each; usually empty.
  public let warnings: [String]
}

/// Decodes picture files: JPEG, PNG, WebP, GIF and BMP, recognised by their content.
///
///     let picture = try PictureDecoder().decode("cat.jpg")
///     for warning in picture.warnings { print(warning) }
///
/// The pixels are Pillow's, bit for bit, except where this says otherwise.
///
/// - JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK.
/// - PNG: 1 to 16 bits a channel, palettes, transparency, interlacing. 16 bits become 8 by their
///   high byte (v >> 8), also for grey, which Pillow clips.
/// - WebP: lossy and lossless, with alpha.
/// - GIF: palettes of the file and of the frame, transparency, interlacing.
/// - BMP: 1 to 32 bits, palettes, masks, alpha, runs (RLE), rows from the top or the bottom.
///
/// Of an animation the first frame is used, of an animated PNG the default picture, with a warning.
/// Gamma and colour profiles are not applied.
public struct PictureDecoder: Sendable {
  /// How to decode.
  public var options: DecodingOptions

  /// The most bytes that an encoded picture may have unless the options say otherwise: 256 MB.
  public static let maximumFileSize = 256 << 20

  /// A decoder with the given options.
  public init(options: DecodingOptions = DecodingOptions()) {
    self.options = options
  }

  /// Decodes a file.
  ///
  /// - Throws: `notFound`, `unreadable`, `empty`, `unsupported` (another format), `corrupt`,
  ///   `truncated` (unless allowed), `tooLarge`, `tooManyPixels`; each about the path.
  public func decode(_ path: FilePath) throws(CNNError) -> DecodedPicture {
    let file = try InputFile(path, domain: .picture)
    let bytes = try file.read(limit: options.maximumFileSize)
    do {
      return try decode(bytes)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// Decodes a file.
  ///
  /// - Parameter url: a file URL; nothing is fetched from elsewhere.
  /// - Throws: as for a path, and `unsupported` for any other URL.
  public func decode(_ url: URL) throws(CNNError) -> DecodedPicture {
    try decode(FilePath(fileURL: url))
  }

  /// Decodes an encoded picture in memory, such as the body of a request. Throws as for a file.
  public func decode(encoded: some Collection<UInt8>) throws(CNNError) -> DecodedPicture {
    let count = encoded.count
    guard count <= options.maximumFileSize else {
      throw CNNError(
        .picture, .tooLarge, "the encoded picture is too large", found: "\(count) bytes",
        expected: "at most \(options.maximumFileSize)")
    }
    return try decode(Bytes(copying: encoded))
  }

  /// Decodes an encoded picture in memory. Throws as for a file.
  public func decode(_ bytes: Bytes) throws(CNNError) -> DecodedPicture {
    let format = try PictureFormat(of: bytes)
    let structure = try PictureStructure(bytes, format)
    var (stored, warnings) =
      format == .bmp
      ? try BMPDecoder.decode(bytes, options) : try CodecPicture.decode(bytes, format, options)
    if structure.isAnimated {
      let used = format == .png ? "default picture" : "first frame"
      warnings.insert("only the \(used) of this animation is used", at: 0)
    }
    if options.appliesOrientation { stored = stored.oriented(structure.orientation) }
    return DecodedPicture(
      pixels: stored, format: format, orientation: structure.orientation, warnings: warnings)
  }
}
