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

/// Decodes picture files: JPEG and PNG, told apart by content.
///
///     let picture = try PictureDecoder().decode("cat.jpg")
///     for warning in picture.warnings { print(warning) }
///
/// JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK; the same pixels as Pillow's,
/// bit for bit, except CMYK without Adobe's marker, which is taken to be not inverted.
/// PNG: 1 to 16 bits a channel, palettes, transparency, interlacing. 16 bits become 8 by their
/// high byte (v >> 8), also for grey. Gamma and colour profiles are not applied. Of an animated PNG
/// the default picture is used.
public struct PictureDecoder: Sendable {
  /// How to decode.
  public var options: DecodingOptions

  /// The largest picture file that is read, in bytes.
  public static let maximumFileSize = 256 << 20

  /// A decoder with the given options.
  public init(options: DecodingOptions = DecodingOptions()) {
    self.options = options
  }

  /// Decodes a file.
  ///
  /// - Throws: `notFound`, `unreadable`, `empty`, `unsupported` (not JPEG or PNG), `corrupt`,
  ///   `truncated` (unless allowed), `tooLarge`, `tooManyPixels`; each about the path.
  public func decode(_ path: FilePath) throws(CNNError) -> DecodedPicture {
    let file = try InputFile(path, domain: .picture)
    let bytes = try file.read(limit: Self.maximumFileSize)
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
    try decode(Bytes(copying: encoded))
  }

  /// Decodes an encoded picture in memory. Throws as for a file.
  public func decode(_ bytes: Bytes) throws(CNNError) -> DecodedPicture {
    let format = try PictureFormat(of: bytes)
    let exif: Bytes?
    var warnings: [String] = []
    switch format {
    case .jpeg:
      exif = JPEGSegments(bytes).exif
    case .png:
      let chunks = try PNGChunks(bytes)
      exif = chunks.exif
      if chunks.isAnimated { warnings.append("only the default picture of this animation is used") }
    }
    let codec = CodecPicture(decoding: bytes, format, options)
    let stored = try codec.pixels(options)
    let orientation = exif.flatMap(Orientation.init(exif:)) ?? .up
    return DecodedPicture(
      pixels: options.appliesOrientation ? stored.oriented(orientation) : stored,
      format: format, orientation: orientation, warnings: warnings + codec.warnings)
  }
}

extension FilePath {
  /// The path of a file URL.
  ///
  /// - Throws: `unsupported` for URLs of other schemes.
  package init(fileURL url: URL) throws(CNNError) {
    let path: FilePath? =
      url.isFileURL
      ? url.withUnsafeFileSystemRepresentation { $0.map { FilePath(platformString: $0) } } : nil
    guard let path else {
      throw CNNError(
        .usage, .unsupported, "this is no file URL", subject: url.absoluteString,
        remedy: "Fetch it first, and give the file or its bytes")
    }
    self = path
  }
}
