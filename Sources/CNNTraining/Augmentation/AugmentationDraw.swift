internal import CNNCore
internal import CNNImage

extension Augmentation {
  /// The random decisions about one variant of one picture.
  struct Draw: Equatable, CustomStringConvertible {
    /// Mirrored left to right.
    var isFlipped = false
    /// Length of the short side, where it is drawn.
    var shortSide: Int?
    /// Where the crop lies in the space that is left for it, 0 to 1 from the top and the left.
    var top = 0.0
    var left = 0.0
    /// What is added to red, green and blue, on the scale 0 to 255.
    var colorShift: [Double] = [0, 0, 0]

    /// All values, so that different draws have different descriptions.
    var description: String {
      let side = shortSide.map { "\($0)" } ?? "none"
      return "flip \(isFlipped), side \(side), crop \(top) \(left), shift \(colorShift)"
    }
  }

  /// Which random number each decision uses; it does not depend on the other changes.
  private enum Decision: Int {
    case flip, shortSide, top, left
    // A normal number uses two uniform ones.
    case color = 16
  }

  /// The draw of one variant of one picture. Variant 0 changes nothing; of variants 2n and 2n + 1 one
  /// is mirrored and one is not, so that no side is seen more often than the other.
  func draw(seed: UInt64, variant: Int, picture: Int) -> Draw {
    guard variant != 0 else { return Draw() }
    let numbers = RandomNumbers(seed: seed, purpose: .augmentation, variant, picture)
    var draw = Draw()
    if flipsHorizontally {
      let pair = RandomNumbers(seed: seed, purpose: .augmentation, variant / 2 * 2, picture)
      let isFirstFlipped = variant > 1 && pair.uniform(Decision.flip.rawValue) < 0.5
      draw.isFlipped = isFirstFlipped != (variant % 2 == 1)
    }
    if let shortSide {
      draw.shortSide = numbers.integer(Decision.shortSide.rawValue, in: shortSide)
      draw.top = numbers.uniform(Decision.top.rawValue)
      draw.left = numbers.uniform(Decision.left.rawValue)
    }
    if colorShift > 0 {
      let strengths = (0..<3).map { numbers.normal(Decision.color.rawValue + $0) * colorShift }
      draw.colorShift = Self.principalComponents.map { row in
        255
          * zip(row, zip(strengths, Self.standardDeviations)).reduce(0) {
            $0 + $1.0 * $1.1.0 * $1.1.1
          }
      }
    }
    return draw
  }

  /// Principal components of the colours of ImageNet's training pictures, on the scale 0 to 1:
  /// a row each for red, green and blue. The values are those of fb.resnet.torch
  /// (`datasets/imagenet.lua`), which most later implementations copied.
  private static let principalComponents: [[Double]] = [
    [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
  ]
  /// The factor of each component, from the same file.
  private static let standardDeviations = [0.2175, 0.0188, 0.0045]
}
