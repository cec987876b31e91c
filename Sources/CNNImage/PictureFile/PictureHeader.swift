public import CNNSystem
public import SystemPackage

/// What the header of a picture file announces, without decoding it.
///
/// A header says nothing about the pixels: a cut file has a good one.
public struct PictureHeader: Sendable, Hashable {
  /// By content, not by name.
  public let format: PictureFormat
  /// Stored columns, before `orientation` is applied.
  public let width: Int
  /// Stored rows, before `orientation` is applied.
  public let height: Int
  /// 1 to 4: 1 is grey or, in a PNG, a palette; 2 grey with alpha; 4 alpha (PNG) or CMYK (JPEG).
  public let components: Int
  /// 1 to 16.
  public let bitsPerComponent: Int
  /// How the picture is meant to be turned; `up` where the file does not say.
  public let orientation: Orientation

  /// Reads the header of a file.
  ///
  /// - Throws: as `PictureDecoder.decode(_:)` for what the header shows.
  public init(of path: FilePath) throws(CNNError) {
    let file = try InputFile(path, domain: .picture)
    let bytes = try file.read(limit: PictureDecoder.maximumFileSize)
    do {
      try self.init(of: bytes)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// Reads the header of an encoded picture.
  public init(of bytes: Bytes) throws(CNNError) {
    format = try PictureFormat(of: bytes)
    let exif: Bytes?
    switch format {
    case .jpeg:
      let segments = JPEGSegments(bytes)
      guard let frame = segments.frame else {
        throw CNNError(
          .picture, .truncated, "the JPEG has no frame header",
          remedy: "Fetch or copy the file again")
      }
      (width, height) = (frame.width, frame.height)
      (components, bitsPerComponent) = (frame.components, frame.bitsPerComponent)
      exif = segments.exif
    case .png:
      let chunks = try PNGChunks(bytes)
      (width, height) = (chunks.header.width, chunks.header.height)
      (components, bitsPerComponent) = (chunks.header.components, chunks.header.bitsPerComponent)
      exif = chunks.exif
    }
    orientation = exif.flatMap(Orientation.init(exif:)) ?? .up
  }
}
