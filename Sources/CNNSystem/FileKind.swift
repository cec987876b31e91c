/// A kind of file that people mistake for a picture or for weights, recognised by its first bytes
/// and never by its name. What the user can do about it depends on what the file was needed for.
package enum FileKind: Sendable, Hashable {
  /// A picture, by the name of its format, such as `GIF`.
  case picture(String)
  case video
  /// Something packed, by the name of its format, such as `gzip`.
  case archive(String)
  case numPyArray
  case pdf
  case program
  case webPage
  case svg
  case xml
  case json
  case lfsPointer
  case text
  /// Zero bytes and nothing else.
  case zeros

  /// The kind of a file that begins with `bytes`; nil where it is not recognised.
  package init?(of bytes: Bytes) {
    if let signature = Signature.all.first(where: { $0.matches(bytes) }) {
      self = signature.kind
    } else if bytes.count > 0, bytes.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) {
      self = .zeros
    } else if let beginning = Self.text(of: bytes) {
      self = Self.kind(ofText: beginning)
    } else {
      return nil
    }
  }

  /// What a sentence calls it: `a gzip archive`.
  package var noun: String {
    switch self {
    case .picture(let format): "a picture (\(format))"
    case .video: "a video"
    case .archive(let format): "a \(format) archive"
    case .numPyArray: "a NumPy array"
    case .pdf: "a PDF"
    case .program: "a program"
    case .webPage: "a web page (HTML)"
    case .svg: "an SVG drawing"
    case .xml: "an XML file"
    case .json: "a JSON file"
    case .lfsPointer: "a Git LFS pointer"
    case .text: "a text file"
    case .zeros: "a file of zero bytes only"
    }
  }

  // MARK: Text

  /// How many bytes are examined to recognise text.
  private static let textWindow = 1024

  /// The beginning of a text in lower case, without leading spaces; nil where the bytes are no text.
  private static func text(of bytes: Bytes) -> Substring? {
    let start = bytes[0..<min(bytes.count, textWindow)].array
    let hasControls = start.contains { $0 < 0x20 && !(0x09...0x0D).contains($0) || $0 == 0x7F }
    guard !start.isEmpty, !hasControls else { return nil }
    // Only the window, and not the end of the file, may split the last character.
    let splits = bytes.count > textWindow ? 0...3 : 0...0
    let text = splits.lazy.compactMap {
      String(validating: start.dropLast($0), as: UTF8.self)
    }.first
    return text?.lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
  }

  private static func kind(ofText beginning: Substring) -> FileKind {
    let pageTags = ["<!doctype html", "<html", "<head", "<body"]
    if beginning.hasPrefix("version https://git-lfs") { return .lfsPointer }
    if pageTags.contains(where: beginning.hasPrefix) { return .webPage }
    if beginning.hasPrefix("<svg") || beginning.contains("<svg ") { return .svg }
    if beginning.contains("<html") { return .webPage }
    if beginning.hasPrefix("<?xml") { return .xml }
    if beginning.hasPrefix("{") || beginning.hasPrefix("[") { return .json }
    return .text
  }
}

/// The bytes by which a binary format is recognised.
private struct Signature: Sendable {
  let kind: FileKind
  /// Bytes that must all be found, each at its offset.
  let parts: [(offset: Int, bytes: [UInt8])]

  func matches(_ bytes: Bytes) -> Bool {
    parts.allSatisfy { bytes.hasPrefix($0.bytes, at: $0.offset) }
  }

  init(_ kind: FileKind, _ bytes: [UInt8], at offset: Int = 0) {
    self.kind = kind
    parts = [(offset, bytes)]
  }

  init(_ kind: FileKind, _ text: String, at offset: Int = 0, and second: (Int, [UInt8])? = nil) {
    self.kind = kind
    parts = [(offset, Array(text.utf8))] + (second.map { [($0.0, $0.1)] } ?? [])
  }

  /// The `ftyp` box of the ISO media formats, whose brand tells them apart.
  private static func media(_ format: String, brand: String) -> Signature {
    Signature(.picture(format), "ftyp", at: 4, and: (8, Array(brand.utf8)))
  }

  static let all = archives + pictures + portableMaps + isoMedia + others

  private static let pictures = [
    Signature(.picture("JPEG"), [0xFF, 0xD8, 0xFF]),
    Signature(.picture("PNG"), [0x89, 0x50, 0x4E, 0x47]),
    Signature(.picture("GIF"), "GIF8"),
    Signature(.picture("WebP"), "RIFF", and: (8, Array("WEBP".utf8))),
    Signature(.picture("BMP"), "BM", and: (6, [0, 0, 0, 0])),
    Signature(.picture("TIFF or a camera's raw format"), [0x49, 0x49, 0x2A, 0x00]),
    Signature(.picture("TIFF or a camera's raw format"), [0x4D, 0x4D, 0x00, 0x2A]),
    Signature(.picture("BigTIFF"), [0x49, 0x49, 0x2B, 0x00]),
    Signature(.picture("JPEG 2000"), [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    Signature(.picture("JPEG 2000"), [0xFF, 0x4F, 0xFF, 0x51]),
    Signature(.picture("JPEG XL"), [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    Signature(.picture("JPEG XL"), [0xFF, 0x0A]),
    Signature(.picture("ICO"), [0, 0, 1, 0]),
    Signature(.picture("Photoshop"), "8BPS"),
    Signature(.picture("OpenEXR"), [0x76, 0x2F, 0x31, 0x01]),
    Signature(.picture("QOI"), "qoif"),
  ]

  private static let portableMaps = [("PBM", "P4"), ("PGM", "P5"), ("PPM", "P6")].flatMap { map in
    // A space or the end of the line follows; a text may begin with the same two letters.
    ["\n", " "].map { Signature(.picture(map.0), map.1 + $0) }
  }

  private static let isoMedia = [
    media("HEIC", brand: "hei"), media("HEIC", brand: "hev"), media("HEIC", brand: "mif1"),
    media("HEIC", brand: "msf1"), media("AVIF", brand: "avi"), Signature(.video, "ftyp", at: 4),
  ]

  private static let archives = [
    Signature(.archive("gzip"), [0x1F, 0x8B]),
    Signature(.archive("zip"), [0x50, 0x4B, 0x03, 0x04]),
    Signature(.archive("bzip2"), "BZh"),
    Signature(.archive("xz"), [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
    Signature(.archive("Zstandard"), [0x28, 0xB5, 0x2F, 0xFD]),
    Signature(.archive("7-Zip"), [0x37, 0x7A, 0xBC, 0xAF]),
    Signature(.archive("tar"), "ustar", at: 257),
  ]

  private static let others = [
    Signature(.numPyArray, [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]),
    Signature(.pdf, "%PDF"),
    Signature(.program, [0x7F, 0x45, 0x4C, 0x46]),
  ]
}

extension Bytes {
  /// Whether `prefix` stands at `offset`.
  package func hasPrefix(_ prefix: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    guard offset + prefix.count <= count else { return false }
    return withUnsafeBytes { $0[offset..<offset + prefix.count].elementsEqual(prefix) }
  }
}
