/// 128 bits that stand for a content: equal contents have equal hashes, and among a billion
/// different ones two agree by chance about once in 10^20.
///
/// They find duplicate pictures, name cached features and tell one set of weights from another. They
/// are two XXH64 of different seeds: no defence against people who want two contents to collide.
public struct ContentHash: Sendable, Hashable {
  /// The two hashes.
  package let words: [UInt64]

  /// The hash of these two words.
  package init(words: [UInt64]) { self.words = words }

  /// The hash of `bytes`.
  public init(of bytes: Bytes) {
    words = bytes.withUnsafeBytes { buffer in
      [XXHash64.hash(buffer, seed: 0), XXHash64.hash(buffer, seed: 0x5EED)]
    }
  }

  /// The hash of a short piece of bytes.
  public init(of bytes: [UInt8]) { self.init(of: Bytes(copying: bytes)) }
}

extension ContentHash: CustomStringConvertible {
  /// 32 hexadecimal digits.
  public var description: String {
    words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
