internal import CNNSystem

/// The formats that are decoded, told apart by content: the name of a file decides nothing.
public enum PictureFormat: String, Sendable, Hashable, Codable {
  /// Joint Photographic Experts Group, baseline and progressive.
  case jpeg = "JPEG"
  /// Portable Network Graphics, 1 to 16 bits.
  case png = "PNG"

  /// The format of `bytes`.
  ///
  /// - Throws: `unsupported`, which names what the bytes are instead, as far as they show it;
  ///   `empty`; `corrupt` where the signature is damaged or cut.
  init(of bytes: Bytes) throws(CNNError) {
    if bytes.count == 0 {
      throw CNNError(.picture, .empty, "there are no bytes", remedy: "Fetch or copy it again")
    } else if bytes.hasPrefix(Self.jpegSignature) {
      self = .jpeg
    } else if bytes.hasPrefix(Self.pngSignature) {
      self = .png
    } else if let cut = Self.formatCutInSignature(bytes) {
      throw CNNError(
        .picture, .corrupt, "the \(cut.rawValue) ends after \(bytes.count) bytes",
        remedy: "Fetch or copy the file again")
    } else if bytes.hasPrefix(Self.pngSignature.prefix(4)) {
      throw CNNError(
        .picture, .corrupt, "the signature of this PNG is damaged", at: .byte(4),
        remedy: "It was probably copied as text: copy the original again, as binary")
    } else {
      throw ForeignContent(of: bytes).error
    }
  }

  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]
  static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The format of a file so short that its signature is not complete. One byte tells nothing.
  private static func formatCutInSignature(_ bytes: Bytes) -> PictureFormat? {
    guard bytes.count > 1, bytes.count < pngSignature.count else { return nil }
    if jpegSignature.starts(with: bytes.array) { return .jpeg }
    return pngSignature.starts(with: bytes.array) ? .png : nil
  }
}
