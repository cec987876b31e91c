internal import CNNSystem

/// The format of a file, from its contents and never from its name.
enum FileSignature {
  case npy
  case zip
  case safetensors
  case torchLegacy
  /// The index of weights in several files.
  case shardIndex

  /// The format of the file `bytes`.
  ///
  /// - Throws: `unsupported` for any other, with what it is and what to do.
  init(_ bytes: Bytes) throws(CNNError) {
    let start = bytes[0..<min(bytes.count, TorchLegacyFile.prefixCount)].array
    if start.starts(with: NPYHeader.magic) {
      self = .npy
    } else if start.starts(with: Self.zipMagic) || start.starts(with: Self.emptyZipMagic) {
      self = .zip
    } else if TorchLegacyFile.isRecognized(start) {
      self = .torchLegacy
    } else if Self.beginsHeader(start), start[4..<8].allSatisfy({ $0 == 0 }) {
      // It has no magic number, but a length and JSON. The length can look like the signature of
      // another format, so this test comes before theirs.
      self = .safetensors
    } else if SafetensorsIndex.isRecognized(bytes) {
      self = .shardIndex
    } else if let refusal = ForeignFile.refusal(of: bytes) {
      throw refusal
    } else if Self.beginsHeader(start) {
      // The length is too large, as the reader of the format will say.
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
