public import CNNCore
public import CNNSystem

/// What is done to pixels before a network sees them, written as what is done.
///
/// It belongs to the weights, not to the architecture: weights that were trained on BGR pictures
/// minus a mean need exactly that, and nothing fails when they get something else. So a model
/// file carries this value, and training, evaluation and prediction all use it.
///
/// The steps are done in the order of the properties: contrast, grey, resize, crop, channels,
/// arithmetic. `description` states all of them in one line.
///
/// As JSON (`init(json:)`, `init(contentsOf:)`, `Codable`):
///
///     {
///       "contrast": "stretched",
///       "resize": {"shortSide": 256},
///       "resampling": "bilinear, antialiased",
///       "centreCrop": {"height": 224, "width": 224},
///       "channels": "RGB",
///       "divisor": 255,
///       "mean": [0.485, 0.456, 0.406],
///       "standardDeviation": [0.229, 0.224, 0.225]
///     }
///
/// `resize`, `resampling` (a word of `Resampling`) and `channels` (a word of `Channels`) are
/// required; steps that are not done are left out. `resize` has exactly one key:
/// `shortSide`, which needs `centreCrop`, or `squash` with a height and a width. `mean` may also be
/// `"of the picture"`. Keys that are not known are refused: ignoring a step would change what the
/// network sees.
public struct Preprocessing: Sendable, Hashable {
  /// How the picture is brought to the input size, or to a larger size before a crop.
  public enum Resize: Sendable, Hashable {
    /// The shorter side gets this length, and the longer one the length that keeps the proportion,
    /// rounded down.
    case shortSide(Int)
    /// Both sides get these lengths, whatever the proportion was.
    case squash(Extent)

    /// The lengths that are stated; the short side's for both sides.
    var size: Extent {
      switch self {
      case .shortSide(let length): Extent(square: length)
      case .squash(let size): size
      }
    }
  }

  /// Which channels the network sees, and in which order.
  public enum Channels: String, Sendable, Hashable, Codable, CaseIterable {
    /// Red, green, blue: torchvision, the published `vgg16_weights.npz`.
    case rgb = "RGB"
    /// Blue, green, red: Caffe, Keras and what was converted from them.
    case bgr = "BGR"
    /// One channel: luma as in Pillow's `convert("L")`, (19595 R + 38470 G + 7471 B) / 65536.
    case gray = "gray"
    /// The same luma three times.
    case grayThreeTimes = "gray three times"

    /// 1 or 3.
    public var count: Int { self == .gray ? 1 : 3 }
    var isGray: Bool { self == .gray || self == .grayThreeTimes }
  }

  /// What is subtracted from the elements.
  public enum Mean: Sendable, Hashable {
    /// One number for each channel, in the order of `channels`, on the scale after the division.
    case perChannel([Float])
    /// One number for all channels: the mean of all elements of the picture itself.
    case ofPicture
  }

  /// Whether the contrast is stretched first, so that the darkest element of the picture becomes 0
  /// and the brightest 255 (SciPy's `bytescale`, which `imresize` applied to pictures in floating
  /// point).
  public let stretchesContrast: Bool
  /// How the picture is resized.
  public let resize: Resize
  /// How the pixels of the resized picture are computed.
  public let resampling: Resampling
  /// The size of the crop out of the middle after the resize. Where the picture is smaller, it gets
  /// a black border. Nil, possible with `squash` only, crops nothing.
  public let centreCrop: Extent?
  /// Which channels the network sees, and in which order.
  public let channels: Channels
  /// The divisor of the elements, usually 1 or 255.
  public let divisor: Float
  /// What is subtracted after the division.
  public let mean: Mean
  /// The divisors at the end, one for each channel in the order of `channels`.
  public let standardDeviation: [Float]

  /// The longest side of an input, 8192: such a picture takes 805 MB.
  public static let maximumInputSide = 8192

  /// A preprocessing from its steps.
  ///
  /// - Parameters:
  ///   - mean: nil subtracts nothing.
  ///   - standardDeviation: nil divides by nothing.
  /// - Throws: `invalidShape` for sides outside `1...maximumInputSide`, for a short side without a
  ///   crop (the input size would depend on the picture), and for lists that do not fit the channels;
  ///   `corrupt` for numbers that are not finite and for a division by zero.
  public init(
    stretchesContrast: Bool = false, resize: Resize, resampling: Resampling,
    centreCrop: Extent? = nil, channels: Channels, divisor: Float = 1, mean: Mean? = nil,
    standardDeviation: [Float]? = nil
  ) throws(CNNError) {
    self.init(
      unchecked: resize, resampling: resampling, stretchesContrast: stretchesContrast,
      centreCrop: centreCrop, channels: channels, divisor: divisor, mean: mean,
      standardDeviation: standardDeviation)
    try check()
  }

  /// The same without checks, for values that are known to be valid.
  init(
    unchecked resize: Resize, resampling: Resampling, stretchesContrast: Bool = false,
    centreCrop: Extent? = nil, channels: Channels, divisor: Float = 1, mean: Mean? = nil,
    standardDeviation: [Float]? = nil
  ) {
    self.stretchesContrast = stretchesContrast
    self.resize = resize
    self.resampling = resampling
    self.centreCrop = centreCrop
    self.channels = channels
    self.divisor = divisor
    self.mean = mean ?? .perChannel([Float](repeating: 0, count: channels.count))
    self.standardDeviation = standardDeviation ?? [Float](repeating: 1, count: channels.count)
  }

  /// Height and width of the network's input.
  public var inputSize: Extent {
    centreCrop ?? resize.size
  }

  /// Channels of the network's input, 1 or 3.
  public var inputChannels: Int { channels.count }

  /// The same preprocessing for another input size: the resize grows in proportion with the crop.
  ///
  /// Short side 256 and crop 224 become short side 342 and crop 299.
  /// - Throws: `invalidShape` where a side is outside `1...maximumInputSide`.
  public func forInput(size: Extent) throws(CNNError) -> Preprocessing {
    try Self.check(size, "input")
    let vertically = Double(size.height) / Double(inputSize.height)
    let horizontally = Double(size.width) / Double(inputSize.width)
    func scaled(_ length: Int, _ scale: Double) -> Int {
      Int((Double(length) * scale).rounded())
    }
    let resize: Resize =
      switch resize {
      case .shortSide(let length): .shortSide(scaled(length, max(vertically, horizontally)))
      case .squash(let extent):
        .squash(
          Extent(
            height: scaled(extent.height, vertically), width: scaled(extent.width, horizontally)))
      }
    guard Self.isAllowed(resize.size) else {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: the input size \(size) is too large",
        found: "a resize to \(resize.size) before the crop",
        expected: "sides from 1 to \(Self.maximumInputSide), of the resize as well")
    }
    return try Preprocessing(
      stretchesContrast: stretchesContrast, resize: resize, resampling: resampling,
      centreCrop: centreCrop == nil ? nil : size, channels: channels, divisor: divisor, mean: mean,
      standardDeviation: standardDeviation)
  }

  /// The same channels and arithmetic for pictures that already have the input's size: nothing is
  /// resized or cropped.
  package var withoutGeometry: Preprocessing {
    Preprocessing(
      unchecked: .squash(inputSize), resampling: resampling,
      stretchesContrast: stretchesContrast, channels: channels, divisor: divisor, mean: mean,
      standardDeviation: standardDeviation)
  }
}

// MARK: Checks

extension Preprocessing {
  /// Throws unless every step is possible and the input size is the same for all pictures.
  func check() throws(CNNError) {
    try Self.check(resize.size, "resize")
    if case .shortSide = resize, centreCrop == nil {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: a short side alone leaves the input size open",
        remedy: "Add a centre crop, or squash instead")
    }
    if let centreCrop { try Self.check(centreCrop, "centre crop") }
    if case .perChannel(let mean) = mean { try check(mean, "mean") }
    try check(standardDeviation, "standard deviation")
    guard divisor.isFinite, divisor != 0, !standardDeviation.contains(0) else {
      throw CNNError(
        .usage, .corrupt, "preprocessing: a division by zero or by no finite number",
        found: "\(divisor), \(standardDeviation)")
    }
  }

  /// Whether both sides are within the limit.
  static func isAllowed(_ size: Extent) -> Bool {
    (1...maximumInputSide).contains(size.height) && (1...maximumInputSide).contains(size.width)
  }

  /// Throws unless `size` is allowed; `name` says what has this size.
  static func check(_ size: Extent, _ name: String) throws(CNNError) {
    guard isAllowed(size) else {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: the \(name) has an impossible size",
        found: "\(size)", expected: "sides from 1 to \(maximumInputSide)")
    }
  }

  private func check(_ numbers: [Float], _ name: String) throws(CNNError) {
    guard numbers.count == channels.count else {
      throw CNNError(
        .usage, .invalidShape, "preprocessing: the \(name) does not fit the channels",
        found: "\(numbers.count) numbers", expected: "\(channels.count) for \(channels.rawValue)")
    }
    guard numbers.allSatisfy(\.isFinite) else {
      throw CNNError(
        .usage, .corrupt, "preprocessing: the \(name) has a number that is not finite",
        found: "\(numbers)")
    }
  }
}

// MARK: Description

extension Preprocessing: CustomStringConvertible {
  /// All steps in one line: `short side 256 (bilinear, antialiased), centre crop 224x224, RGB,
  /// (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]`.
  public var description: String {
    var steps: [String] = []
    if stretchesContrast { steps.append("contrast stretched to 0...255") }
    switch resize {
    case .shortSide(let length): steps.append("short side \(length) (\(resampling.rawValue))")
    case .squash(let size): steps.append("squash to \(size) (\(resampling.rawValue))")
    }
    if let centreCrop { steps.append("centre crop \(centreCrop)") }
    return (steps + [channels.rawValue, arithmetic]).joined(separator: ", ")
  }

  private var arithmetic: String {
    var formula = divisor == 1 ? "x" : "x / \(Self.text(divisor))"
    switch mean {
    case .ofPicture: formula += " - mean of the picture"
    case .perChannel(let mean) where mean.contains { $0 != 0 }: formula += " - " + Self.text(mean)
    case .perChannel: break
    }
    guard standardDeviation.contains(where: { $0 != 1 }) else { return formula }
    let deviation = Self.text(standardDeviation)
    return formula.contains(" - ") ? "(\(formula)) / \(deviation)" : "\(formula) / \(deviation)"
  }

  private static func text(_ numbers: [Float]) -> String {
    numbers.count == 1
      ? text(numbers[0]) : "[" + numbers.map(text).joined(separator: ", ") + "]"
  }

  /// Whole numbers without `.0`.
  private static func text(_ number: Float) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
