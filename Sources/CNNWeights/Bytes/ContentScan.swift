internal import CNNByteScan
package import CNNSystem

/// One pass over bytes that computes their checksum and searches the Float32 elements among them for
/// NaN and infinity. Both are done on each piece while it is in a cache, because reading it from
/// memory takes most of the time.
package struct ContentScan: Sendable {
  /// What was found.
  package struct Findings: Sendable {
    /// The CRC-32; 0 where it was not requested.
    package var checksum: UInt32 = 0
    /// The index of the first element that is NaN or infinite.
    package var nonFinite: Int?
  }

  /// Bytes that one thread scans at a time. Combining the checksums of two chunks costs nothing
  /// beside the 4 MiB in them.
  private static let chunkSize = 4 << 20
  /// Bytes that are summed and then searched: a part of a level 2 cache.
  private static let pieceSize = 128 << 10
  /// Elements that are tested together; only in a block that fails, the first one is searched.
  private static let blockCount = 1 << 14

  private let sumsChecksum: Bool
  private let elements: Range<Int>

  /// - Parameters:
  ///   - sumsChecksum: whether the checksum is computed.
  ///   - elements: the bytes that are Float32 elements, a multiple of 4; empty for none.
  package init(sumsChecksum: Bool, elements: Range<Int>) {
    self.sumsChecksum = sumsChecksum
    self.elements = elements
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

  /// The first element that begins in `piece` and is NaN or infinite.
  private func nonFinite(in bytes: UnsafeRawBufferPointer, _ piece: Range<Int>) -> Int? {
    let size = MemoryLayout<Float>.stride
    func index(at byte: Int) -> Int { (byte - elements.lowerBound + size - 1) / size }
    let bounds = piece.clamped(to: elements)
    guard !bounds.isEmpty else { return nil }
    return Self.firstNonFinite(
      in: UnsafeRawBufferPointer(rebasing: bytes[elements]),
      index(at: bounds.lowerBound)..<index(at: bounds.upperBound))
  }

  /// The first of the elements `range` that is NaN or infinite, or nil. They may begin at any
  /// address. Precondition: `elements` holds as many.
  private static func firstNonFinite(
    in elements: UnsafeRawBufferPointer, _ range: Range<Int>
  ) -> Int? {
    let size = MemoryLayout<Float>.stride
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockCount) {
      let block = start..<min(start + blockCount, range.upperBound)
      let first = elements.baseAddress.map { $0 + block.lowerBound * size }
      guard cnn_has_non_finite(first, block.count) else { continue }
      return block.first {
        !elements.loadUnaligned(fromByteOffset: $0 * size, as: Float.self).isFinite
      }
    }
    return nil
  }
}
