internal import CNNPlatform
internal import CNNSystem

/// Random numbers that are a pure function of what they are for: no generator has a state that
/// would have to be saved, and no number depends on how many were drawn before it.
///
/// All randomness of the package comes from here. Seed and purpose are mixed into a key, and number
/// i is SplitMix64 of `key + i`, the same on every machine. Runs that were begun with one version
/// go on with the next, so the way in which each purpose makes its key never changes.
package struct RandomNumbers: Sendable {
  /// What the numbers of a training run decide; each purpose has numbers of its own.
  package enum Purpose: UInt64, Sendable {
    /// Which pictures validate.
    case split = 1
    /// How a picture is changed.
    case augmentation = 2
    /// In which order an epoch takes the pictures.
    case order = 3
  }

  @usableFromInline let key: UInt64

  private init(key: UInt64) { self.key = key }

  /// The numbers for one use in a training run.
  ///
  /// - Parameters:
  ///   - seed: the run's.
  ///   - purpose: what they decide.
  ///   - indices: what tells this use from others of the same purpose: a class, an epoch, a picture.
  package init(seed: UInt64, purpose: Purpose, _ indices: Int...) {
    key = indices.reduce(Self.mix(Self.mix(seed) ^ purpose.rawValue)) { key, index in
      Self.mix(key ^ UInt64(bitPattern: Int64(index)))
    }
  }

  /// The numbers of one of many arrays: initial weights, synthetic inputs.
  ///
  /// - Parameter stream: the number of the array, below 2^24. Arrays have up to 2^40 elements.
  package init(seed: UInt64, stream: Int) {
    key = Self.mix(seed) &+ UInt64(stream) << 40
  }

  /// The numbers that decide which elements a dropout node drops in one step of a run.
  package static func dropout(seed: UInt64, step: Int, node: String) -> RandomNumbers {
    // "dropout" in ASCII keeps this use apart from all others of the seed.
    var key = mix(seed ^ 0x0064_726F_706F_7574)
    key = mix(key &+ UInt64(truncatingIfNeeded: step))
    for byte in node.utf8 { key = mix(key ^ UInt64(byte)) }
    return RandomNumbers(key: key)
  }

  /// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014): 64
  /// well-mixed bits for each number.
  @inlinable
  package static func mix(_ index: UInt64) -> UInt64 {
    var bits = (index &+ 1) &* 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

extension RandomNumbers {
  /// 64 random bits.
  @inlinable
  package func bits(_ index: Int) -> UInt64 {
    Self.mix(key &+ UInt64(bitPattern: Int64(index)))
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

extension Tensor {
  /// Elements drawn evenly from `-bound..<bound`.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same elements on every machine.
  ///   - stream: another stream gives other elements.
  package static func uniform(
    _ shape: [Int], bound: Float, seed: UInt64, stream: Int
  ) -> Tensor {
    let numbers = RandomNumbers(seed: seed, stream: stream)
    return Tensor(uninitialized: shape) { target in
      // Each element is a pure function of its index, so threads need no shared generator.
      nonisolated(unsafe) let target = target
      let block = 1 << 16
      let blocks = (target.count + block - 1) / block
      Workers.forEach(count: blocks, threads: Workers.defaultCount) { number in
        for index in (number * block)..<min(target.count, (number + 1) * block) {
          let unit = Float(numbers.bits(index) >> 40) * 0x1p-24
          target[index] = (2 * unit - 1) * bound
        }
      }
    }
  }
}
