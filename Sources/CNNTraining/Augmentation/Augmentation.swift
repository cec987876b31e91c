internal import CNNCore
public import CNNImage
public import CNNSystem

/// Random changes that make a picture another picture of the same class.
///
/// The changes are made to 8-bit pixels, before `Preprocessing` turns them into a tensor. They are a
/// pure function of the seed, the variant and the picture, so a variant can be made again at any
/// time, on any thread. Variant 0 is the picture as `Preprocessing` alone makes it: what a
/// validation sees.
///
///     let augmentation = try Augmentation(flipsHorizontally: true, shortSide: 256...512)
///     let input = augmentation.input(
///       for: pixels, preprocessing: preprocessing, seed: 1, variant: epoch + 1, picture: index)
public struct Augmentation: Sendable, Hashable, Codable {
  /// Whether every other picture is mirrored left to right.
  public let flipsHorizontally: Bool
  /// Crop at a random position out of a picture rescaled to a short side drawn from here: one length
  /// for a fixed scale, 256...512 for VGG's multi-scale training (Simonyan and Zisserman, 2014,
  /// section 3.1). Nil leaves resize and crop to `Preprocessing`.
  public let shortSide: ClosedRange<Int>?
  /// Standard deviation of AlexNet's colour shift along the principal components of natural
  /// pictures (Krizhevsky et al., 2012, section 4.1, where it is 0.1); 0 is none.
  public let colorShift: Double

  /// No change at all.
  public static let none = Augmentation(
    unchecked: false, shortSide: nil, colorShift: 0)

  /// An augmentation from its parts.
  ///
  /// - Throws: a `usage` error for a negative or endless colour shift and for a short side outside
  ///   `1...Preprocessing.maximumInputSide`.
  public init(
    flipsHorizontally: Bool = false, shortSide: ClosedRange<Int>? = nil, colorShift: Double = 0
  ) throws(CNNError) {
    self.init(unchecked: flipsHorizontally, shortSide: shortSide, colorShift: colorShift)
    guard colorShift.isFinite, colorShift >= 0 else {
      throw CNNError(
        .usage, .unknown, "augmentation: the colour shift is out of range",
        found: "\(colorShift)", expected: "0 or more, such as 0.1")
    }
    let sides = 1...Preprocessing.maximumInputSide
    if let shortSide, !sides.contains(shortSide.lowerBound) || !sides.contains(shortSide.upperBound)
    {
      throw CNNError(
        .usage, .invalidShape, "augmentation: the short side is out of range",
        found: "\(shortSide.lowerBound) to \(shortSide.upperBound)",
        expected: "\(sides.lowerBound) to \(sides.upperBound)")
    }
  }

  private init(unchecked flipsHorizontally: Bool, shortSide: ClosedRange<Int>?, colorShift: Double)
  {
    self.flipsHorizontally = flipsHorizontally
    self.shortSide = shortSide
    self.colorShift = colorShift
  }

  /// Whether nothing is changed.
  public var isNone: Bool { self == .none }

  /// Checks that crops of the input's size fit into the rescaled picture.
  ///
  /// - Throws: a `usage` error.
  public func check(for preprocessing: Preprocessing) throws(CNNError) {
    let size = preprocessing.inputSize
    guard let shortSide, shortSide.lowerBound < max(size.height, size.width) else { return }
    throw CNNError(
      .usage, .invalidShape, "augmentation: the rescaled picture is smaller than the crop",
      found: "short side \(shortSide.lowerBound)",
      expected: "at least \(max(size.height, size.width))")
  }

  private enum CodingKeys: String, CodingKey {
    case flipsHorizontally, shortSide, colorShift
  }

  /// Decodes and checks; `shortSide` is `[256, 512]`.
  ///
  /// - Throws: `DecodingError`, or as the memberwise initialiser.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let sides = try container.decodeIfPresent([Int].self, forKey: .shortSide)
    guard sides.map({ $0.count == 2 && $0[0] <= $0[1] }) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .shortSide, in: container, debugDescription: "the short side is [least, greatest]")
    }
    try self.init(
      flipsHorizontally: container.decode(Bool.self, forKey: .flipsHorizontally),
      shortSide: sides.map { $0[0]...$0[1] },
      colorShift: container.decode(Double.self, forKey: .colorShift))
  }

  /// Encodes the form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(flipsHorizontally, forKey: .flipsHorizontally)
    try container.encodeIfPresent(
      shortSide.map { [$0.lowerBound, $0.upperBound] }, forKey: .shortSide)
    try container.encode(colorShift, forKey: .colorShift)
  }
}

extension Augmentation: CustomStringConvertible {
  /// `flip, crop from short side 256 to 512, colour shift 0.1`, or `none`.
  public var description: String {
    var parts: [String] = []
    if flipsHorizontally { parts.append("flip") }
    if let shortSide {
      let range =
        shortSide.count == 1
        ? "\(shortSide.lowerBound)" : "\(shortSide.lowerBound) to \(shortSide.upperBound)"
      parts.append("crop from short side \(range)")
    }
    if colorShift > 0 { parts.append("colour shift \(colorShift)") }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}
