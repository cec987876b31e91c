internal import CNNSystem

/// The formats that are decoded, told apart by content: the name of a file decides nothing.
public enum PictureFormat: String, Sendable, Hashable, Codable {
  /// Joint Photographic Experts Group, baseline and progressive.
  case jpeg = "JPEG"
  /// Portable Network Graphics, 1 to 16 bits.
  case png = "PNG"

  /// The format of `bytes`.
  ///
  /// - Throws: `unsupported`, which names what the bytes are instead, as far as they show it.
  init(of bytes: Bytes) throws(CNNError) {
    if bytes.hasPrefix([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.hasPrefix(Self.pngSignature) {
      self = .png
    } else if bytes.hasPrefix([0x89, 0x50, 0x4E, 0x47]) {
      throw CNNError(
        .picture, .corrupt, "the signature of this PNG is damaged", at: .byte(4),
        remedy: "It was probably copied as text: copy the original again, as binary")
    } else {
      throw ForeignContent(of: bytes).error
    }
  }

  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}

extension Bytes {
  /// Whether `prefix` stands at `offset`.
  func hasPrefix(_ prefix: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    guard offset + prefix.count <= count else { return false }
    return withUnsafeBytes { $0[offset..<offset + prefix.count].elementsEqual(prefix) }
  }
}
