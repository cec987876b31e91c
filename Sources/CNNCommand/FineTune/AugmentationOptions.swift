import ArgumentParser
import CNNSystem
import CNNTraining

/// The flags that say how training pictures are changed.
struct AugmentationOptions: ParsableArguments {
  @Flag(help: "Mirror pictures left to right in half of the epochs or variants.")
  var flip = false

  @Option(
    help: ArgumentHelp(
      "Resize the short side to this length, or to one drawn from a range such as 256-512 (as for "
        + "VGG), and crop at random.", valueName: "length"))
  var shortSide: String?

  @Option(
    help: ArgumentHelp(
      "Shift colours as for AlexNet; the strength in its paper is 0.1.", valueName: "strength"))
  var colorShift = 0.0

  @Option(
    help: ArgumentHelp(
      "With frozen layers: how many variants of each training picture are computed and cached, the "
        + "first of them unchanged. Without it, 2 for --flip alone and otherwise 4.",
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
        "--variants needs a random change: --flip, --short-side or --color-shift")
    }
  }

  /// Puts the choices into `settings`. Throws a `usage` error.
  func apply(to settings: inout FineTuningSettings) throws(CNNError) {
    settings.augmentation = try Augmentation(
      flipsHorizontally: flip, shortSide: shortSide.flatMap(Self.range), colorShift: colorShift)
    settings.variants = variants ?? usualVariants(settings)
  }

  private func usualVariants(_ settings: FineTuningSettings) -> Int {
    // Where nothing is frozen, every epoch makes new variants.
    if settings.augmentation.isNone || settings.transfer.freeze == .none { return 1 }
    // A flip has two outcomes; for the others four are a compromise between variety and time.
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
