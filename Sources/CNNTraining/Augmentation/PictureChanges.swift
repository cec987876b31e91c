package import CNNCore
package import CNNImage

/// Everything that changes the training pictures of a run at random.
package struct PictureChanges: Sendable {
  /// The changes of the package.
  package let augmentation: Augmentation
  /// The program's own change, which is made before those.
  package let custom: CustomAugmentation?
  /// Decides what chance does.
  package let seed: UInt64

  package init(
    _ augmentation: Augmentation = .none, custom: CustomAugmentation? = nil, seed: UInt64 = 0
  ) {
    self.augmentation = augmentation
    self.custom = custom
    self.seed = seed
  }

  /// Pictures as they are, as a validation sees them.
  package static let none = PictureChanges()

  /// Whether nothing is changed.
  package var isNone: Bool { augmentation.isNone && custom == nil }

  /// What the network gets for one variant of one picture, `[1, C, H, W]`; variant 0 is the picture
  /// unchanged.
  package func input(
    for pixels: Pixels, preprocessing: Preprocessing, variant: Int, picture: Int
  ) -> Tensor {
    augmentation.input(
      for: customized(pixels, variant, picture), preprocessing: preprocessing, seed: seed,
      variant: variant, picture: picture)
  }

  /// The changed pixels, to be shown to people.
  package func pixels(
    of pixels: Pixels, preprocessing: Preprocessing, variant: Int, picture: Int
  ) -> Pixels {
    augmentation.pixels(
      of: customized(pixels, variant, picture), preprocessing: preprocessing, seed: seed,
      variant: variant, picture: picture)
  }

  private func customized(_ pixels: Pixels, _ variant: Int, _ picture: Int) -> Pixels {
    guard variant != 0, let custom else { return pixels }
    return custom.apply(to: pixels, seed: seed, variant: variant, picture: picture)
  }

  /// A text that distinguishes one variant of one picture from all others of the same content; nil for
  /// the picture unchanged.
  package func identity(variant: Int, picture: Int) -> String? {
    let draw = augmentation.draw(seed: seed, variant: variant, picture: picture)
    if let custom, variant != 0 {
      return "\(draw), \(custom.identity), seed \(seed), variant \(variant), picture \(picture)"
    }
    return draw == Augmentation.Draw() ? nil : "\(draw)"
  }
}
