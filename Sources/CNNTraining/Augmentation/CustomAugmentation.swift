internal import CNNCore
public import CNNImage

/// A random change of training pictures that a program brings along, beside those of
/// `Augmentation`. It is made first, to the decoded picture.
///
///     let rotation = CustomAugmentation(identity: "rotate-10-v1") { pixels, random in
///       rotated(pixels, degrees: Double.random(in: -10...10, using: &random))
///     }
///
/// Features of frozen layers are cached, and a run that is resumed does again what it did before. So
/// the change must be a pure function of the pixels and the random numbers.
public struct CustomAugmentation: Sendable {
  /// Stands for the change: another change needs another identity, or features in the cache that
  /// were made by the old one would be used for it.
  public let identity: String
  private let change: @Sendable (Pixels, inout PictureRandomness) -> Pixels

  /// A change from its parts.
  ///
  /// - Parameters:
  ///   - identity: stands for the change; see the property.
  ///   - change: makes the change; it is called by several threads at once, and never for validation
  ///     pictures.
  public init(
    identity: String, _ change: @escaping @Sendable (Pixels, inout PictureRandomness) -> Pixels
  ) {
    self.identity = identity
    self.change = change
  }

  func apply(to pixels: Pixels, seed: UInt64, variant: Int, picture: Int) -> Pixels {
    var randomness = PictureRandomness(seed: seed, variant: variant, picture: picture)
    return change(pixels, &randomness)
  }
}

/// Random numbers for one variant of one picture: the same for the same seed, variant and picture,
/// on every machine and in every run.
public struct PictureRandomness: RandomNumberGenerator, Sendable {
  private let numbers: RandomNumbers
  private var index = 0

  init(seed: UInt64, variant: Int, picture: Int) {
    // The third index keeps these numbers apart from those of `Augmentation`.
    numbers = RandomNumbers(seed: seed, purpose: .augmentation, variant, picture, 1)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { index += 1 }
    return numbers.bits(index)
  }
}
