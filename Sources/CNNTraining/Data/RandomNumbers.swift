internal import CNNPlatform
internal import CNNCore

/// Random numbers that are a pure function of what they are for: no generator has a state that
/// would have to be saved, and no number depends on how many were drawn before it.
package struct RandomNumbers: Sendable {
  /// What the numbers decide; each purpose has numbers of its own.
  package enum Purpose: UInt64, Sendable {
    /// Which pictures validate.
    case split = 1
    /// How a picture is changed.
    case augmentation = 2
    /// In which order an epoch takes the pictures.
    case order = 3
  }

  private let key: UInt64

  /// The numbers for one use.
  ///
  /// - Parameters:
  ///   - seed: the run's.
  ///   - indices: what tells this use from others of the same purpose: a class, an epoch, a picture.
  package init(seed: UInt64, purpose: Purpose, _ indices: Int...) {
    key = indices.reduce(RandomBits.mix(RandomBits.mix(seed) ^ purpose.rawValue)) { key, index in
      RandomBits.mix(key ^ UInt64(bitPattern: Int64(index)))
    }
  }

  /// 64 random bits.
  package func bits(_ index: Int) -> UInt64 {
    RandomBits.mix(key &+ UInt64(bitPattern: Int64(index)))
  }

  /// A number in [0, 1) with 53 random bits.
  package func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

  /// A whole number in `range`, each as probable as the others up to 2^-53.
  package func integer(_ index: Int, in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(uniform(index) * Double(range.count))
  }

  /// A number of the standard normal distribution (Box and Muller, 1958).
  package func normal(_ index: Int) -> Double {
    // From (0, 1], whose logarithm is finite.
    let radius = (-2 * log(1 - uniform(2 * index))).squareRoot()
    return radius * cos(2 * Double.pi * uniform(2 * index + 1))
  }

  /// The numbers `0..<count` in random order.
  package func permutation(of count: Int) -> [Int] {
    let keys = (0..<count).map { bits($0) }
    return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
  }
}
