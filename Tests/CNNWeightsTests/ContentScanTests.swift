import CNNSystem
import CNNTestSupport
import CNNWeights
import Testing

@Suite struct ContentScanTests {
  /// Bytes before the elements: so many that no element begins at a multiple of 4.
  static let header = 131

  /// Elements across the ends of chunks and pieces, the first and the last one: each is found, and
  /// the checksum is that of zlib.
  @Test(arguments: [1, 2, 3])
  func findsEachNumber(_ threads: Int) {
    let count = (9 << 20) / 4
    let ends = [128 << 10, 4 << 20, 8 << 20].flatMap { end in
      (-2...2).map { (end - Self.header) / 4 + $0 }
    }
    for (index, value) in zip([0, 1, count - 1] + ends, [Float.nan, -.infinity, .infinity].cycled) {
      var numbers = [Float](repeating: 1, count: count)
      numbers[index] = value
      // A later one, which is not the first.
      numbers[count - 1] = .nan
      let bytes = Self.bytes(numbers)
      let findings = ContentScan(
        sumsChecksum: true, elements: Self.header..<(Self.header + 4 * count)
      ).run(bytes, threads: threads)
      #expect(findings.nonFinite == index)
      #expect(findings.checksum == bytes.withUnsafeBytes { crc32($0) })
    }
  }

  /// Bytes outside of the elements are not searched, and the largest finite number is finite.
  @Test func finds() {
    let numbers: [Float] = [.nan, .greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude, .nan]
    let bytes = Self.bytes(numbers)
    func first(_ range: Range<Int>) -> Int? {
      let inBytes = (Self.header + 4 * range.lowerBound)..<(Self.header + 4 * range.upperBound)
      return ContentScan(sumsChecksum: false, elements: inBytes).run(bytes, threads: 2).nonFinite
    }
    #expect(first(1..<4) == nil)
    #expect(first(1..<5) == 3)
    #expect(first(0..<5) == 0)
    #expect(first(2..<2) == nil)
  }

  /// A header of NaN's bits, the elements, and a few bytes more.
  private static func bytes(_ numbers: [Float]) -> Bytes {
    Bytes(count: header + 4 * numbers.count + 5) { target in
      target.initializeMemory(as: UInt8.self, repeating: 0xFF)
      numbers.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: target[header...]).copyMemory(from: $0)
      }
    }
  }
}

extension Array {
  /// The elements again and again.
  fileprivate var cycled: some Sequence<Element> {
    sequence(state: 0) { (index: inout Int) -> Element? in
      defer { index += 1 }
      return self[index % count]
    }
  }
}
