import ArgumentParser
import CNNSystem
import CNNTraining

/// The flags that say how training pictures are changed.
struct AugmentationOptions: ParsableArguments {
  @Flag(help: "Mirror every other picture left to right.")
  var flip = false

  @Option(
    help: ArgumentHelp(
      "Crop at random out of pictures whose short side has this length, or one drawn from a range "
        + "such as 256-512 (VGG's).", valueName: "length"))
  var shortSide: String?

  @Option(
    help: ArgumentHelp("AlexNet's shift of colours; the paper's is 0.1.", valueName: "strength"))
  var colorShift = 0.0

  @Option(
    help: ArgumentHelp(
      "With frozen layers: how many variants of each training picture are computed and cached. "
        + "The first is the picture itself; usual are 2 with --flip alone, else 4.",
      valueName: "count"))
  var variants: Int?

  func validate() throws {
    if let shortSide, Self.range(shortSide) == nil {
      throw ValidationError("--short-side takes a length such as 256, or a range such as 256-512")
    }
    if let variants, !(1...1000).contains(variants) {
      throw ValidationError("--variants must be between 1 and 1000")
    }
    if let variants, variants > 1, !flip, shortSide == nil, colorShift == 0 {
      throw ValidationError(
        "--variants needs a change to vary: --flip, --short-side, --color-shift")
    }
  }

  /// Puts the choices into `settings`. Throws a `usage` error.
  func apply(to settings: inout FineTuningSettings) throws(CNNError) {
    settings.augmentation = try Augmentation(
      flipsHorizontally: flip, shortSide: shortSide.flatMap(Self.range), colorShift: colorShift)
    settings.variants = variants ?? usualVariants(settings)
  }

  private func usualVariants(_ settings: FineTuningSettings) -> Int {
    // Where nothing is frozen every epoch has variants of its own.
    if settings.augmentation.isNone || settings.transfer.freeze == .none { return 1 }
    // Of flips alone there are two; of others four are a start.
    return shortSide == nil && colorShift == 0 ? 2 : 4
  }

  private static func range(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    let sides = parts.compactMap { $0 }
    guard sides.count == parts.count, (1...2).contains(sides.count), sides[0] > 0,
      sides[0] <= sides[sides.count - 1]
    else { return nil }
    return sides[0]...sides[sides.count - 1]
  }
}
