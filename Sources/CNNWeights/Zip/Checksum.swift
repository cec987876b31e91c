internal import CNNKernels
package import CNNSystem
internal import CNNZlib

/// The CRC-32 of zip archives (ISO 3309, polynomial 0xEDB88320).
package enum Checksum {
  /// Bytes that one thread sums at a time; large enough that combining costs nothing beside it.
  private static let chunkSize = 4 << 20

  /// Whether the processor has the instructions that sum several times faster than zlib.
  private static let hasFastInstructions = cnn_crc32_available()

  /// The checksum of `bytes`, summed in chunks on up to `threads` threads.
  package static func crc32(of bytes: Bytes, threads: Int) -> UInt32 {
    let chunks = max(1, (bytes.count + chunkSize - 1) / chunkSize)
    return bytes.withUnsafeBytes { buffer in
      withUnsafeTemporaryAllocation(of: UInt.self, capacity: chunks) { sums in
        sums.initialize(repeating: 0)
        // Each index writes its own element, and the reads come after all calls have ended.
        nonisolated(unsafe) let results = sums
        nonisolated(unsafe) let source = buffer
        Workers.forEach(count: chunks, threads: threads) { chunk in
          let range = range(chunk, of: source.count)
          bytes.mapPages(range)
          results[chunk] = partial(source, range)
        }
        return UInt32(truncatingIfNeeded: combined(sums, byteCount: buffer.count))
      }
    }
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

  private static func range(_ chunk: Int, of count: Int) -> Range<Int> {
    chunk * chunkSize..<min((chunk + 1) * chunkSize, count)
  }

  private static func partial(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt {
    UInt(update(0, with: UnsafeRawBufferPointer(rebasing: bytes[range])))
  }

  private static func combined(_ sums: UnsafeMutableBufferPointer<UInt>, byteCount: Int) -> UInt {
    sums.indices.dropFirst().reduce(sums[0]) { total, chunk in
      crc32_combine(total, sums[chunk], numericCast(range(chunk, of: byteCount).count))
    }
  }
}
