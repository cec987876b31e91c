import CNNSystem
import CNNTestSupport
import CNNWeights
import Testing

@Suite struct ChecksumTests {
  /// Every length up to several blocks of 64 and of 256 bytes, at addresses of all kinds, begun at once and in
  /// the middle: the ends of the fast loop are where it could go wrong.
  @Test func everyLength() {
    let bytes = SyntheticNumbers.uniform(count: 900, stream: 3).map {
      UInt8(truncatingIfNeeded: $0.bitPattern >> 3)
    }
    bytes.withUnsafeBytes { buffer in
      for count in 0...800 {
        let start = count % 17
        let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)])
        #expect(Checksum.update(0, with: piece) == crc32(piece), "\(count) bytes")
        let middle = count * 2 / 3
        let first = UnsafeRawBufferPointer(rebasing: piece[..<middle])
        let second = UnsafeRawBufferPointer(rebasing: piece[middle...])
        #expect(
          Checksum.update(Checksum.update(0, with: first), with: second) == crc32(piece))
      }
    }
  }

  /// More than two of the chunks that threads take, and the published check value.
  @Test(arguments: [1, 2, 3]) func chunks(_ threads: Int) {
    let pattern = SyntheticNumbers.uniform(count: 9 << 18, stream: 4)
    let bytes = pattern.withUnsafeBytes { Bytes(copying: $0) }
    #expect(
      Checksum.crc32(of: bytes, threads: threads) == pattern.withUnsafeBytes { crc32($0) })
    #expect(Checksum.crc32(of: Bytes(copying: Array("123456789".utf8)), threads: 1) == 0xCBF4_3926)
  }
}
