public import CNNCore
public import CNNImage
public import CNNSystem
public import SystemPackage

/// Where the pixels of one picture of a data set come from.
public enum PictureSource: Sendable {
  /// A picture file of a format that `PictureFormat` names.
  case file(FilePath)
  /// A grey picture of an idx file: its position there, its pixels, one byte each, and its size.
  case idxPicture(file: FilePath, index: Int, pixels: Bytes, size: Extent)
  /// Pixels that a program made, under a name for reports.
  case pixels(Pixels, name: String)

  /// The picture's name in lists, reports and errors; printable.
  public var name: String {
    switch self {
    case .file(let path): path.displayName
    case .idxPicture(let file, let index, _, _): "\(file.displayName)#\(index)"
    case .pixels(_, let name): name
    }
  }

  /// The bytes of the name, which a list file holds; nil for pixels that are in no file.
  package var listedPath: [UInt8]? {
    switch self {
    case .file(let path): path.rawBytes
    case .idxPicture(let file, let index, _, _): file.rawBytes + Array("#\(index)".utf8)
    case .pixels: nil
    }
  }

  /// The picture, decoded.
  ///
  /// - Returns: the pixels, and what is odd about the file, a sentence each.
  /// - Throws: as `PictureDecoder.decode(_:)`.
  public func decode(
    _ options: DecodingOptions = DecodingOptions()
  ) throws(CNNError) -> (pixels: Pixels, warnings: [String]) {
    switch self {
    case .file(let path):
      let picture = try PictureDecoder(options: options).decode(path)
      return (picture.pixels, picture.warnings)
    case .idxPicture(_, _, let bytes, let size):
      return (try Pixels(width: size.width, height: size.height, gray: bytes.array), [])
    case .pixels(let pixels, _):
      return (pixels, [])
    }
  }

  /// The hash of what is stored: of the whole file, or of the pixels.
  ///
  /// - Throws: as opening and reading the file.
  public func contentHash() throws(CNNError) -> ContentHash {
    switch self {
    case .file(let path):
      let file = try InputFile(path, domain: .picture)
      return ContentHash(of: try file.read(limit: PictureDecoder.maximumFileSize))
    case .idxPicture(_, _, let bytes, _): return ContentHash(of: bytes)
    case .pixels(let pixels, _): return ContentHash(of: pixels.bytes)
    }
  }
}
