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
    let start = bytes[0..<min(bytes.count, 512)].array
    if start.starts(with: NPYHeader.magic) {
      self = .npy
    } else if start.starts(with: Self.zipMagic) || start.starts(with: Self.emptyZipMagic) {
      self = .zip
    } else if start.starts(with: TorchLegacyFile.magic) {
      self = .torchLegacy
    } else if let foreign = ForeignFile(start) {
      throw foreign.refusal
    } else if start.count > 8, start[8] == UInt8(ascii: "{") {
      // It has no magic number: a length, of which at most four bytes are not zero, and JSON.
      self = .safetensors
    } else {
      throw ForeignFile.unknown.refusal
    }
  }

  private static let zipMagic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let emptyZipMagic: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
}
