public import CNNSystem

/// 128 bits that stand for a content: equal contents have equal hashes, and among a billion
/// different ones two agree by chance about once in 10^20.
///
/// They find duplicate pictures and name cached features. They are two XXH64 of different seeds.
public struct ContentHash: Sendable, Hashable {
  let words: [UInt64]

  init(words: [UInt64]) { self.words = words }

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
