internal import CNNImage
internal import CNNSystem
internal import SystemPackage

/// What reading one picture has shown, before it is compared with the others.
struct PictureCheck: Sendable {
  typealias Finding = (kind: PictureFinding.Kind, message: String)

  private(set) var findings: [Finding] = []
  private(set) var format: String?
  private(set) var size: (width: Int, height: Int)?
  private(set) var hash: ContentHash?

  /// Whether the picture can be trained with.
  var isUsable: Bool { !findings.contains { $0.kind.isBad } }

  /// Reads a picture.
  init(_ source: PictureSource, depth: DataCheck.Depth, decoding: DecodingOptions) {
    do throws(CNNError) {
      switch source {
      case .idxPicture(_, _, _, let extent):
        format = "idx"
        size = (extent.width, extent.height)
        hash = try source.contentHash()
      case .file(let path):
        try read(source, nameOfFile: path, depth, decoding)
      case .pixels, .encoded, .loaded:
        try read(source, nameOfFile: nil, depth, decoding)
      }
    } catch {
      findings.append((Self.kind(of: error), error.message))
    }
  }

  private mutating func read(
    _ source: PictureSource, nameOfFile path: FilePath?, _ depth: DataCheck.Depth,
    _ decoding: DecodingOptions
  ) throws(CNNError) {
    switch try source.content(maximumFileSize: decoding.maximumFileSize) {
    case .pixels(let pixels):
      format = "pixels"
      size = (pixels.width, pixels.height)
      hash = try source.contentHash()
    case .encoded(let bytes):
      // A picture that a program loads has a hash of its own, which is not that of its bytes.
      hash = if case .loaded = source { try source.contentHash() } else { ContentHash(of: bytes) }
      try read(bytes, path, depth, decoding)
    }
  }

  private mutating func read(
    _ bytes: Bytes, _ path: FilePath?, _ depth: DataCheck.Depth, _ decoding: DecodingOptions
  ) throws(CNNError) {
    let header = try PictureHeader(of: bytes)
    format = header.format.rawValue
    size = (header.width, header.height)
    let (pixels, overflows) = header.width.multipliedReportingOverflow(by: header.height)
    guard !overflows, pixels <= decoding.maximumPixels else {
      throw CNNError(
        .picture, .tooLarge, "the picture is too large",
        found: "\(header.width)x\(header.height) pixels",
        expected: "at most \(decoding.maximumPixels)")
    }
    note(header, path)
    if depth == .pixels {
      findings += try PictureDecoder(options: decoding).decode(bytes).warnings
        .map { (.damaged, $0) }
    }
  }

  private mutating func note(_ header: PictureHeader, _ path: FilePath?) {
    if header.format == .jpeg, header.components == 4 {
      findings.append((.cmyk, "a JPEG in CMYK; it is converted"))
    }
    if header.bitsPerComponent == 16 {
      findings.append((.sixteenBit, "16 bits a channel; the upper 8 are used"))
    }
    if header.orientation != .up {
      findings.append((.rotated, "EXIF orientation \(header.orientation.rawValue)"))
    }
    if let name = path?.extension?.lowercased(), let claimed = Self.formatsByExtension[name],
      claimed != header.format.rawValue
    {
      findings.append((.wronglyNamed, "called .\(name), but it is a \(header.format.rawValue)"))
    }
  }

  private static let formatsByExtension = [
    "jpg": "JPEG", "jpeg": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "png": "PNG", "gif": "GIF",
    "webp": "WebP", "bmp": "BMP", "tif": "TIFF", "tiff": "TIFF",
  ]

  private static func kind(of error: CNNError) -> PictureFinding.Kind {
    switch error.code {
    case .empty: .empty
    case .unsupported: .unsupported
    case .truncated: .truncated
    case .tooLarge: .tooLarge
    case .notFound, .unreadable: .unreadable
    default: .corrupt
    }
  }
}
