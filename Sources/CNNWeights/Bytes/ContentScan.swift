package import CNNSystem

/// One pass over bytes for what they are asked about: their checksum, and whether the numbers among
/// them are finite. Both questions are put to each piece while it lies in a cache, because fetching
/// it from memory is what takes the time.
package struct ContentScan: Sendable {
  /// What was found.
  package struct Findings: Sendable {
    /// The CRC-32; 0 where it was not asked for.
    package var checksum: UInt32 = 0
    /// The first number that is NaN or infinite, counted from the first number.
    package var nonFinite: Int?
  }

  /// Bytes that one thread takes at a time; large enough that combining costs nothing beside it.
  private static let chunkSize = 4 << 20
  /// Bytes that are asked about together: part of a level 2 cache.
  private static let pieceSize = 128 << 10

  private let sumsChecksum: Bool
  private let numbers: Range<Int>

  /// - Parameters:
  ///   - sumsChecksum: whether the checksum is asked for.
  ///   - numbers: the bytes that are Float32 numbers, a multiple of 4; empty where nobody asks.
  package init(sumsChecksum: Bool, numbers: Range<Int>) {
    self.sumsChecksum = sumsChecksum
    self.numbers = numbers
  }

  /// Reads `bytes` once, in chunks on up to `threads` threads.
  package func run(_ bytes: Bytes, threads: Int) -> Findings {
    let chunks = stride(from: 0, to: bytes.count, by: Self.chunkSize).map {
      $0..<min($0 + Self.chunkSize, bytes.count)
    }
    let found = Workers.map(count: chunks.count, threads: threads) { index in
      bytes.mapPages(chunks[index])
      return bytes.withUnsafeBytes { findings(in: $0, chunks[index]) }
    }
    return zip(chunks, found).reduce(into: Findings()) { total, part in
      let (chunk, part) = part
      total.nonFinite = total.nonFinite ?? part.nonFinite
      if sumsChecksum {
        total.checksum = Checksum.combine(
          total.checksum, part.checksum, secondCount: chunk.count)
      }
    }
  }

  private func findings(in bytes: UnsafeRawBufferPointer, _ chunk: Range<Int>) -> Findings {
    var findings = Findings()
    for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Self.pieceSize) {
      let piece = start..<min(start + Self.pieceSize, chunk.upperBound)
      if sumsChecksum {
        findings.checksum = Checksum.update(
          findings.checksum, with: UnsafeRawBufferPointer(rebasing: bytes[piece]))
      }
      findings.nonFinite = findings.nonFinite ?? nonFinite(in: bytes, piece)
    }
    return findings
  }

  /// The first number that begins in `piece` and is NaN or infinite.
  private func nonFinite(in bytes: UnsafeRawBufferPointer, _ piece: Range<Int>) -> Int? {
    let size = MemoryLayout<Float>.stride
    func number(at byte: Int) -> Int { (byte - numbers.lowerBound + size - 1) / size }
    let bounds = piece.clamped(to: numbers)
    guard !bounds.isEmpty else { return nil }
    return FiniteScan.firstNonFinite(
      in: UnsafeRawBufferPointer(rebasing: bytes[numbers]),
      number(at: bounds.lowerBound)..<number(at: bounds.upperBound))
  }
}
