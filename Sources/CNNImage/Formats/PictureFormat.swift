internal import CNNSystem
package import SystemPackage

/// The formats that are decoded. The content of a file decides, never its name.
public enum PictureFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// Joint Photographic Experts Group, baseline and progressive.
  case jpeg = "JPEG"
  /// Portable Network Graphics, 1 to 16 bits.
  case png = "PNG"
  /// WebP, lossy and lossless.
  case webP = "WebP"
  /// Graphics Interchange Format, the first frame.
  case gif = "GIF"
  /// Bitmap of Windows and OS/2, 1 to 32 bits.
  case bmp = "BMP"

  /// The format of `bytes`.
  ///
  /// - Throws: `unsupported`, which names what the bytes are instead, as far as they show it;
  ///   `empty`; `corrupt` where the signature is damaged or cut.
  init(of bytes: Bytes) throws(CNNError) {
    if bytes.count == 0 {
      throw CNNError(.picture, .empty, "there are no bytes", remedy: "Fetch or copy it again")
    } else if let format = Self.allCases.first(where: { $0.isSignature(of: bytes) }) {
      self = format
    } else if let cut = Self.formatCutInSignature(bytes) {
      throw CNNError(
        .picture, .corrupt, "the \(cut.rawValue) ends after \(bytes.count) bytes",
        remedy: "Fetch or copy the file again")
    } else if bytes.hasPrefix(Self.pngSignature.prefix(4)) {
      throw CNNError(
        .picture, .corrupt, "the signature of this PNG is damaged", at: .byte(4),
        remedy: "It was probably copied as text: copy the original again, as binary")
    } else {
      throw Self.foreignContent(FileKind(of: bytes))
    }
  }

  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let riffSignature = Array("RIFF".utf8)
  private static let gifSignatures = ["GIF87a", "GIF89a"].map { Array($0.utf8) }

  /// Bytes that show every format.
  private static let longestSignature = BMPHeader.signatureLength

  private func isSignature(of bytes: Bytes) -> Bool {
    switch self {
    case .jpeg: bytes.hasPrefix(Self.jpegSignature)
    case .png: bytes.hasPrefix(Self.pngSignature)
    case .webP: bytes.hasPrefix(Self.riffSignature) && bytes.hasPrefix(Array("WEBP".utf8), at: 8)
    case .gif: Self.gifSignatures.contains { bytes.hasPrefix($0) }
    case .bmp: BMPHeader.isSignature(of: bytes)
    }
  }

  /// The format of a file so short that its signature is not complete. One byte shows nothing.
  private static func formatCutInSignature(_ bytes: Bytes) -> PictureFormat? {
    guard bytes.count > 1, bytes.count < longestSignature else { return nil }
    if jpegSignature.starts(with: bytes.array) { return .jpeg }
    if pngSignature.starts(with: bytes.array) { return .png }
    if gifSignatures.contains(where: { $0.starts(with: bytes.array) }) { return .gif }
    if case .picture("BMP")? = FileKind(of: bytes) { return .bmp }
    return nil
  }
}

// MARK: Files that are not decoded

extension PictureFormat {
  private static let names = "JPEG, PNG, WebP, GIF and BMP"

  /// The error for a file of another kind; nil where its bytes do not show the kind.
  private static func foreignContent(_ kind: FileKind?) -> CNNError {
    if case .picture(let name)? = kind, PictureFormat(rawValue: name) != nil {
      return CNNError(
        .picture, .corrupt, "the signature of this \(name) is damaged",
        remedy: "Fetch or copy the file again")
    }
    let problem =
      switch kind {
      case .picture(let format)?: "\(format) is not supported; \(names) are"
      case let kind?: "this is \(kind.noun), not a picture"
      case nil: "this is not a picture of a known format"
      }
    return CNNError(.picture, .unsupported, problem, remedy: remedy(for: kind))
  }

  /// What to do about a file of another kind, as a sentence.
  private static func remedy(for kind: FileKind?) -> CNNError.Remedy {
    switch kind {
    case .picture("HEIC"), .picture("AVIF"):
      "Convert it, for example with libheif: `heif-convert FILE picture.jpg`"
    case .picture: "Convert it, for example with ImageMagick: `magick FILE picture.png`"
    case .video: "Take a frame out of it first"
    case .archive: "Unpack it first"
    case .numPyArray: "Pass the picture itself"
    case .pdf: "Turn the page into PNG first: `pdftoppm -png FILE page`"
    case .svg: "Render it first: `rsvg-convert FILE -o picture.png`"
    case .lfsPointer: "Run `git lfs pull` to fetch the picture itself"
    case .webPage, .json:
      "A server probably answered with an error instead of the picture: fetch it again"
    case .xml: "Fetch the picture again"
    case .zeros: "Copying it was probably interrupted: fetch it again"
    case .program, .text, nil: "\(names) are supported"
    }
  }
}

// MARK: Files in folders

extension PictureFormat {
  /// What a picture file can be, for messages: `JPEG, PNG, WebP, GIF or BMP`.
  package static let alternatives = "JPEG, PNG, WebP, GIF or BMP"

  /// Extensions that mark a file as a picture. Formats that are not decoded are among them, so that
  /// such files in a folder of pictures are reported and not silently left out.
  private static let extensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "dib", "tif",
    "tiff", "jp2", "jxl",
  ]

  /// Whether a file found in a folder is to be read as a picture: its name says so, or its first
  /// bytes are those of a format that is decoded. Lists and notes beside the pictures are neither.
  package static func isCandidate(_ path: FilePath) -> Bool {
    if let name = path.extension?.lowercased(), extensions.contains(name) { return true }
    guard
      let file = try? InputFile(path, domain: .picture),
      let start = try? file.read(first: longestSignature)
    else { return false }
    return (try? PictureFormat(of: start)) != nil
  }
}
