/// The checksum of TensorFlow's record files: CRC-32 with Castagnoli's polynomial (RFC 3720,
/// appendix B.4).
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1
    }
  }

  /// The checksum of `bytes`.
  static func of(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { value, byte in
      value >> 8 ^ table[Int((value ^ UInt32(byte)) & 0xFF)]
    }
  }

  /// The checksum as record files store it: rotated and moved, so that a checksum of bytes that
  /// hold checksums is still a good one.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = of(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
