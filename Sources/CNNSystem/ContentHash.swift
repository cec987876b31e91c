/// A hash of 128 bits: among a billion different contents, two have the same hash with a probability
/// of about 1 in 10^20.
///
/// It finds duplicate pictures, names cached features and identifies weights. It consists of two
/// XXH64 of different seeds, and is no defence against people who want two contents to collide.
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

/// XXH64 (Collet, "xxHash fast digest algorithm", specification 0.1.1), which hashes at the speed of
/// memory. It is no defence against people who want two contents to collide.
package enum XXHash64 {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  /// The hash of `bytes`.
  package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var position = 0
    var sum = bytes.count >= 32 ? stripes(bytes, seed, &position) : seed &+ primes.4
    sum &+= UInt64(bytes.count)
    while position + 8 <= bytes.count {
      sum ^= round(0, word(bytes, position, as: UInt64.self))
      sum = rotate(sum, 27) &* primes.0 &+ primes.3
      position += 8
    }
    if position + 4 <= bytes.count {
      sum ^= UInt64(word(bytes, position, as: UInt32.self)) &* primes.0
      sum = rotate(sum, 23) &* primes.1 &+ primes.2
      position += 4
    }
    while position < bytes.count {
      sum ^= UInt64(bytes[position]) &* primes.4
      sum = rotate(sum, 11) &* primes.0
      position += 1
    }
    return avalanche(sum)
  }

  /// Consumes all whole stripes of 32 bytes; each updates four accumulators.
  private static func stripes(
    _ bytes: UnsafeRawBufferPointer, _ seed: UInt64, _ position: inout Int
  ) -> UInt64 {
    var first = seed &+ primes.0 &+ primes.1
    var second = seed &+ primes.1
    var third = seed
    var fourth = seed &- primes.0
    while position + 32 <= bytes.count {
      first = round(first, word(bytes, position, as: UInt64.self))
      second = round(second, word(bytes, position + 8, as: UInt64.self))
      third = round(third, word(bytes, position + 16, as: UInt64.self))
      fourth = round(fourth, word(bytes, position + 24, as: UInt64.self))
      position += 32
    }
    var sum = rotate(first, 1) &+ rotate(second, 7) &+ rotate(third, 12) &+ rotate(fourth, 18)
    for accumulator in [first, second, third, fourth] {
      sum = (sum ^ round(0, accumulator)) &* primes.0 &+ primes.3
    }
    return sum
  }

  private static func round(_ accumulator: UInt64, _ input: UInt64) -> UInt64 {
    rotate(accumulator &+ input &* primes.1, 31) &* primes.0
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var sum = (value ^ (value >> 33)) &* primes.1
    sum = (sum ^ (sum >> 29)) &* primes.2
    return sum ^ (sum >> 32)
  }

  private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 &- count)
  }

  private static func word<Word: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, as type: Word.Type
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }
}
