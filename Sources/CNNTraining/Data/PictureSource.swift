public import CNNCore
public import CNNImage
public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Where the pixels of one picture of a data set come from.
///
///     let inFile = try PictureSource(url)
///     let inMemory = PictureSource.encoded(Bytes(copying: body), name: "upload 12")
///     let inDatabase = PictureSource.loaded(
///       LoadedPicture(name: "row 7", identity: row.sha256) { try database.picture(7) })
public enum PictureSource: Sendable {
  /// A picture file of a format that `PictureFormat` names.
  case file(FilePath)
  /// A grey picture of an idx file: its position there, its pixels, one byte each, and its size.
  case idxPicture(file: FilePath, index: Int, pixels: Bytes, size: Extent)
  /// Pixels that a program made, under a name for reports.
  case pixels(Pixels, name: String)
  /// The bytes of a picture file that is in memory, under a name for reports.
  case encoded(Bytes, name: String)
  /// A picture that a program loads each time it is needed.
  case loaded(LoadedPicture)

  /// The picture in a file.
  ///
  /// - Throws: `unsupported` for URLs that are no file's.
  public init(_ url: URL) throws(CNNError) { self = .file(try FilePath(fileURL: url)) }

  /// The picture's name in lists, reports and errors; printable.
  public var name: String {
    switch self {
    case .file(let path): path.displayName
    case .idxPicture(let file, let index, _, _): "\(file.displayName)#\(index)"
    case .pixels(_, let name), .encoded(_, let name): name
    case .loaded(let picture): picture.name
    }
  }

  /// The bytes of the name, which a list file holds; nil for a picture that is in no file.
  package var listedPath: [UInt8]? {
    switch self {
    case .file(let path): path.rawBytes
    case .idxPicture(let file, let index, _, _): file.rawBytes + Array("#\(index)".utf8)
    case .pixels, .encoded, .loaded: nil
    }
  }

  /// The picture, decoded.
  ///
  /// - Returns: the pixels, and what is odd about the file, a sentence each.
  /// - Throws: as `PictureDecoder.decode(_:)`; as loading the picture does.
  public func decode(
    _ options: DecodingOptions = DecodingOptions()
  ) throws(CNNError) -> (pixels: Pixels, warnings: [String]) {
    do {
      switch try content(maximumFileSize: options.maximumFileSize) {
      case .encoded(let bytes):
        let picture = try PictureDecoder(options: options).decode(bytes)
        return (picture.pixels, picture.warnings)
      case .pixels(let pixels):
        return (pixels, [])
      }
    } catch {
      throw error.about(name)
    }
  }

  /// The hash of what is stored: of the whole file, or of the pixels. For a picture that a program
  /// loads, of its identity.
  ///
  /// - Throws: as opening and reading the file.
  public func contentHash() throws(CNNError) -> ContentHash {
    switch self {
    case .idxPicture(_, _, let bytes, _): ContentHash(of: bytes)
    case .loaded(let picture): picture.contentHash
    case .file, .encoded, .pixels: try content().hash
    }
  }

  /// What a picture is before it is decoded.
  package enum Content: Sendable {
    /// The bytes of a picture file.
    case encoded(Bytes)
    /// Pixels, which need no decoding.
    case pixels(Pixels)

    /// The hash of the bytes or of the pixels.
    package var hash: ContentHash {
      switch self {
      case .encoded(let bytes): ContentHash(of: bytes)
      case .pixels(let pixels): ContentHash(of: pixels.bytes)
      }
    }
  }

  /// Reads the picture, which is decoded later.
  ///
  /// - Parameter maximumFileSize: of a file, in bytes.
  /// - Throws: as opening and reading the file, or as loading the picture does.
  package func content(
    maximumFileSize: Int = PictureDecoder.maximumFileSize
  ) throws(CNNError) -> Content {
    switch self {
    case .file(let path):
      let file = try InputFile(path, domain: .picture)
      return .encoded(try file.read(limit: maximumFileSize))
    case .idxPicture(_, _, let bytes, let size):
      return .pixels(try Pixels(width: size.width, height: size.height, gray: bytes.array))
    case .pixels(let pixels, _): return .pixels(pixels)
    case .encoded(let bytes, _): return .encoded(bytes)
    case .loaded(let picture): return try picture.content()
    }
  }
}

/// A picture that a program loads itself each time it is needed: out of a database, over a network.
public struct LoadedPicture: Sendable {
  /// The picture's name in reports and errors.
  public let name: String
  /// The hash of the identity.
  let contentHash: ContentHash
  private let load: @Sendable () throws -> PictureSource.Content

  /// A picture whose encoded bytes, those of a picture file, are loaded.
  ///
  /// - Parameters:
  ///   - name: for reports and errors.
  ///   - identity: stands for the content, so that the picture need not be loaded to be known: equal
  ///     identities, equal pictures. A hash of the content, or a key with a version.
  ///   - encoded: loads the bytes; it is called by several threads at once.
  public init(
    name: String, identity: String, encoded: @escaping @Sendable () throws -> [UInt8]
  ) {
    self.init(name, identity) { .encoded(Bytes(copying: try encoded())) }
  }

  /// A picture whose pixels are loaded.
  ///
  /// - Parameters:
  ///   - name: for reports and errors.
  ///   - identity: stands for the content; see the other initialiser.
  ///   - pixels: loads the pixels; it is called by several threads at once.
  public init(
    name: String, identity: String, pixels: @escaping @Sendable () throws -> Pixels
  ) {
    self.init(name, identity) { .pixels(try pixels()) }
  }

  private init(
    _ name: String, _ identity: String,
    _ load: @escaping @Sendable () throws -> PictureSource.Content
  ) {
    self.name = name
    // No file of pictures begins like this, so no content has the same hash.
    contentHash = ContentHash(of: Array("loaded picture \(identity)".utf8))
    self.load = load
  }

  func content() throws(CNNError) -> PictureSource.Content {
    do {
      return try load()
    } catch let error as CNNError {
      throw error
    } catch {
      throw CNNError(
        .picture, .unreadable, "the picture could not be loaded: \(error)", subject: name)
    }
  }
}
