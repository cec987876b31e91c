internal import CNNByteScan
package import CNNSystem
internal import CNNZlib

/// The CRC-32 of zip archives (ISO 3309, polynomial 0xEDB88320).
package enum Checksum {
  /// Whether the processor has the instructions that sum several times faster than zlib.
  private static let hasFastInstructions = cnn_crc32_available()

  /// The checksum of `bytes`, summed in chunks on up to `threads` threads.
  package static func crc32(of bytes: Bytes, threads: Int) -> UInt32 {
    ContentScan(sumsChecksum: true, elements: 0..<0).run(bytes, threads: threads).checksum
  }

  /// The checksum of what `crc` stands for followed by `bytes`; begin with 0.
  package static func update(_ crc: UInt32, with bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard !bytes.isEmpty else { return crc }
    if hasFastInstructions { return cnn_crc32(crc, bytes.baseAddress, bytes.count) }
    return UInt32(
      truncatingIfNeeded: crc32_z(
        UInt(crc), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
  }

  /// The checksum of a few bytes.
  static func of(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { update(0, with: $0) } }

  /// The checksum of two pieces one after the other, from their own. zlib's count is of another type
  /// on each system.
  static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), numericCast(secondCount)))
  }
}
