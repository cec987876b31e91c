internal import CNNSystem

/// What a file that is neither JPEG nor PNG holds, for a message that helps.
struct ForeignContent {
  /// Such as `GIF`; nil where the bytes do not show it.
  let kind: String?
  /// What to do about it, as a sentence.
  let remedy: String
  private let isPicture: Bool

  /// Looks at the first bytes.
  init(of bytes: Bytes) {
    if let signature = Signature.all.first(where: { $0.matches(bytes) }) {
      (kind, isPicture, remedy) = (signature.kind, signature.isPicture, signature.remedy)
      return
    }
    isPicture = false
    if let text = TextContent(of: bytes) {
      (kind, remedy) = (text.kind, text.remedy)
    } else if bytes.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) {
      kind = "a file of zero bytes only"
      remedy = "Copying it was probably interrupted: fetch it again"
    } else {
      kind = nil
      remedy = "JPEG and PNG are supported"
    }
  }

  /// One clear line.
  var error: CNNError {
    let problem =
      switch (kind, isPicture) {
      case (let kind?, true): "\(kind) is not supported; JPEG and PNG are"
      case (let kind?, false): "this is \(kind), not a picture"
      case (nil, _): "this is not a picture of a known format"
      }
    return CNNError(.picture, .unsupported, problem, remedy: remedy)
  }
}

/// The bytes by which a binary format is known.
private struct Signature {
  let kind: String
  let isPicture: Bool
  let remedy: String
  /// Bytes that all have to stand at an offset.
  let parts: [(offset: Int, bytes: [UInt8])]

  func matches(_ bytes: Bytes) -> Bool {
    parts.allSatisfy { bytes.hasPrefix($0.bytes, at: $0.offset) }
  }

  static func picture(
    _ kind: String, _ bytes: [UInt8], at offset: Int = 0, and second: (Int, [UInt8])? = nil,
    remedy: String? = nil
  ) -> Signature {
    let convert = "Convert it, for example with ImageMagick: `magick FILE picture.png`"
    return Signature(
      kind: kind, isPicture: true, remedy: remedy ?? convert,
      parts: [(offset, bytes)] + (second.map { [($0.0, $0.1)] } ?? []))
  }

  static func other(_ kind: String, _ bytes: [UInt8], at offset: Int = 0, _ remedy: String)
    -> Signature
  {
    Signature(kind: kind, isPicture: false, remedy: remedy, parts: [(offset, bytes)])
  }

  /// The `ftyp` box of the ISO media formats, whose brand tells them apart.
  static func media(_ kind: String, brand: String) -> Signature {
    let convert = "Convert it, for example with libheif: `heif-convert FILE picture.jpg`"
    return picture(
      kind, Array("ftyp".utf8), at: 4, and: (8, Array(brand.utf8)), remedy: convert)
  }

  static let all: [Signature] =
    pictures + isoMedia + archives + [
      other("a NumPy array", [0x93] + Array("NUMPY".utf8), "Pass the picture itself"),
      other("a PDF", Array("%PDF".utf8), "Turn the page into PNG first: `pdftoppm -png FILE page`"),
      other("a program", [0x7F] + Array("ELF".utf8), "JPEG and PNG are supported"),
    ]

  private static let pictures: [Signature] = [
    picture("GIF", Array("GIF8".utf8)),
    picture("WebP", Array("RIFF".utf8), and: (8, Array("WEBP".utf8))),
    picture("BMP", Array("BM".utf8), and: (6, [0, 0, 0, 0])),
    picture("TIFF (or a camera's raw format)", [0x49, 0x49, 0x2A, 0x00]),
    picture("TIFF (or a camera's raw format)", [0x4D, 0x4D, 0x00, 0x2A]),
    picture("BigTIFF", [0x49, 0x49, 0x2B, 0x00]),
    picture("JPEG 2000", [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    picture("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
    picture("JPEG XL", [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    picture("JPEG XL", [0xFF, 0x0A]),
    picture("an icon (ICO)", [0, 0, 1, 0]),
    picture("Photoshop (PSD)", Array("8BPS".utf8)),
    picture("OpenEXR", [0x76, 0x2F, 0x31, 0x01]),
    picture("QOI", Array("qoif".utf8)),
    picture("PPM", Array("P6".utf8)),
    picture("PGM", Array("P5".utf8)),
    picture("PBM", Array("P4".utf8)),
  ]

  private static let isoMedia: [Signature] = [
    media("HEIC", brand: "hei"), media("HEIC", brand: "hev"), media("HEIC", brand: "mif1"),
    media("HEIC", brand: "msf1"), media("AVIF", brand: "avi"),
    other("a video", Array("ftyp".utf8), at: 4, "Take a frame out of it first"),
  ]

  private static let archives: [Signature] = [
    ("a gzip archive", [0x1F, 0x8B]), ("a zip archive", [0x50, 0x4B, 0x03, 0x04]),
    ("a bzip2 archive", Array("BZh".utf8)), ("an xz archive", [0xFD] + Array("7zXZ".utf8)),
    ("a Zstandard archive", [0x28, 0xB5, 0x2F, 0xFD]),
    ("a 7-Zip archive", [0x37, 0x7A, 0xBC, 0xAF]),
  ].map { other($0.0, $0.1, "Unpack it first") }
}

/// The kinds of text that are found under the names of pictures.
private struct TextContent {
  let kind: String
  let remedy: String

  /// Nil unless the beginning is text.
  init?(of bytes: Bytes) {
    let start = bytes[0..<min(bytes.count, 1024)].array
    let isText = start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
    // Bytes of 0x80 and more are text only as UTF-8; the cut may have split the last character.
    let isUTF8 = (0...3).contains { String(validating: start.dropLast($0), as: UTF8.self) != nil }
    guard isText, isUTF8 else { return nil }
    let text = String(decoding: start, as: UTF8.self).lowercased()
    let beginning = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if beginning.hasPrefix("version https://git-lfs") {
      (kind, remedy) = ("a git-LFS pointer", "Run `git lfs pull` to fetch the picture itself")
    } else if beginning.hasPrefix("<svg") || beginning.contains("<svg ") {
      (kind, remedy) = ("an SVG drawing", "Render it first: `rsvg-convert FILE -o picture.png`")
    } else if beginning.hasPrefix("<!doctype html") || beginning.contains("<html") {
      kind = "an HTML page"
      remedy = "A server probably answered with an error page: fetch the picture again"
    } else if beginning.hasPrefix("<?xml") {
      (kind, remedy) = ("an XML file", "Fetch the picture again")
    } else if beginning.hasPrefix("{") || beginning.hasPrefix("[") {
      (kind, remedy) = ("a JSON file", "A server probably answered with an error: fetch it again")
    } else {
      (kind, remedy) = ("a text file", "JPEG and PNG are supported")
    }
  }
}
