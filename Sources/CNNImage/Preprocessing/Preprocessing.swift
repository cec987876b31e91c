public import CNNCore
public import CNNSystem

/// What is done to pixels before a network sees them, written as what is done.
///
/// It belongs to the weights, not to the architecture: weights that learned from BGR pictures
/// minus a mean need exactly that, and nothing complains when they get something else. So a model
/// file carries this value, and training, evaluation and prediction all use it.
///
/// The order is the order of the properties: contrast, grey, resize, crop, channels, numbers.
/// `description` tells all of it in one line.
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
/// `resize`, `resampling` (a word of `Resampling`) and `channels` (a word of `Channels`) are needed;
/// the other steps are left out where nothing is to be done. `resize` has exactly one key:
/// `shortSide`, which needs `centreCrop`, or `squash` with a height and a width. `mean` may also be
/// `"of the picture"`. Keys that are not known are refused: ignoring a step would change what the
/// network sees.
public struct Preprocessing: Sendable, Hashable {
  /// How the picture is brought near the input size.
  public enum Resize: Sendable, Hashable {
    /// The shorter side becomes this long and the longer keeps the proportion, rounded down.
    case shortSide(Int)
    /// Both sides become this long, whatever the proportion was.
    case squash(Extent)

    /// The sides that it asks for.
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

  /// What is subtracted.
  public enum Mean: Sendable, Hashable {
    /// One number a channel, in the order of `channels`; on the scale after the division.
    case perChannel([Float])
    /// One number for all channels: the mean of all values of the picture itself.
    case ofPicture
  }

  /// Whether the darkest value of the picture becomes 0 and the brightest 255 first (SciPy's
  /// `bytescale`, which `imresize` applied to pictures in floating point).
  public let stretchesContrast: Bool
  /// How the picture is brought near the input size.
  public let resize: Resize
  /// How pixels are made in it.
  public let resampling: Resampling
  /// What is cut out of the middle afterwards; black is put around where the picture is smaller.
  /// Nil with `squash`, where nothing has to be cut.
  public let centreCrop: Extent?
  /// Which channels the network sees.
  public let channels: Channels
  /// What the 8-bit values are divided by: 1, or 255.
  public let divisor: Float
  /// What is subtracted then.
  public let mean: Mean
  /// What is divided by at the end, one number a channel in the order of `channels`.
  public let standardDeviation: [Float]

  /// The longest side of an input: 8192, which is 805 MB for one picture.
  public static let maximumInputSide = 8192

  /// A preprocessing from its steps.
  ///
  /// - Parameters:
  ///   - mean: nil subtracts nothing.
  ///   - standardDeviation: nil divides by nothing.
  /// - Throws: `invalidShape` for sides outside `1...maximumInputSide`, a short side without a crop
  ///   (the input size would depend on the picture), or lists that do not fit the channels;
  ///   `corrupt` for numbers that are not finite and a division by zero.
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

  /// The same without a check, for values that are known to be good.
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

  /// Height and width of what the network gets.
  public var inputSize: Extent {
    centreCrop ?? resize.size
  }

  /// Channels of what the network gets, 1 or 3.
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
}
