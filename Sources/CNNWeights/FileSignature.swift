internal import CNNSystem

/// The kind of a file, from its first bytes and never from its name.
enum FileSignature {
  case npy
  case zip
  case safetensors
  case torchLegacy

  /// The kind of the file `bytes`.
  ///
  /// - Throws: `unsupported` for any other, saying what it is and what to do.
  init(_ bytes: Bytes) throws(CNNError) {
    let start = bytes[0..<min(bytes.count, 16)].array
    if start.starts(with: NPYHeader.magic) {
      self = .npy
    } else if start.starts(with: Self.zipMagic) || start.starts(with: Self.emptyZipMagic) {
      self = .zip
    } else if start.starts(with: TorchLegacyFile.magic) {
      self = .torchLegacy
    } else if Self.beginsHeader(start), start[4..<8].allSatisfy({ $0 == 0 }) {
      // It has no magic number, but a length and JSON. The length may look like the signature of
      // another format, so that this comes before them.
      self = .safetensors
    } else if let refusal = ForeignFile.refusal(of: bytes) {
      throw refusal
    } else if Self.beginsHeader(start) {
      // The length is absurd, as its reader will say.
      self = .safetensors
    } else {
      throw ForeignFile.unknown
    }
  }

  private static func beginsHeader(_ start: [UInt8]) -> Bool {
    start.count > 8 && start[8] == UInt8(ascii: "{")
  }

  private static let zipMagic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let emptyZipMagic: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
}
