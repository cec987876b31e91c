internal import CNNSystem

/// Looks for NaN and infinity in Float32 elements at any alignment, at the speed of memory.
enum FiniteScan {
  /// Elements that are looked at together; the search inside is done only for one that has a hit.
  private static let blockCount = 4096
  private static let chunkCount = 1 << 20

  /// The index of the first element of `floats` that is NaN or infinite, or nil.
  static func firstNonFinite(in floats: Bytes, threads: Int) -> Int? {
    let count = floats.count / MemoryLayout<Float>.stride
    let chunks = (count + chunkCount - 1) / chunkCount
    return floats.withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: max(chunks, 1)) { found in
        found.initialize(repeating: count)
        // Each index writes its own element, and the read comes after all calls have ended.
        nonisolated(unsafe) let results = found
        nonisolated(unsafe) let source = bytes
        Workers.forEach(count: chunks, threads: threads) { chunk in
          let start = chunk * chunkCount
          results[chunk] = first(source, start..<min(start + chunkCount, count)) ?? count
        }
        return found.first { $0 < count }
      }
    }
  }

  private static func first(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockCount) {
      let block = start..<min(start + blockCount, range.upperBound)
      if largestMagnitude(bytes, block) >= Float.infinity.bitPattern {
        return block.first { magnitude(bytes, $0) >= Float.infinity.bitPattern }
      }
    }
    return nil
  }

  /// The largest bit pattern without signs. As unsigned integers, finite floats come before
  /// infinity and infinity before NaN, and a maximum of integers is one vector instruction.
  private static func largestMagnitude(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>)
    -> UInt32
  {
    var largest: UInt32 = 0
    for index in range { largest = max(largest, magnitude(bytes, index)) }
    return largest
  }

  @inline(__always)
  private static func magnitude(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
    bytes.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self) & 0x7FFF_FFFF
  }
}
