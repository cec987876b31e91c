public import CNNCore
public import CNNImage
public import CNNSystem
public import CNNWeights

/// An entry of the catalogue: a published network, what its outputs mean, and which weights files
/// fit.
///
/// A model is known by its name: it is compared, hashed, encoded and printed as that.
public struct CNNModel: Sendable {
  /// The name, such as `vgg16` or `resnet50`.
  public let name: String
  /// One line about the network.
  public let summary: String
  /// Classes and input of the published network.
  public let defaults: NetworkOptions
  /// What the outputs of the published network mean.
  public let labels: LabelSet
  /// Weights files that fit.
  public let publishedWeights: [PublishedWeights]
  let preprocessing: [WeightsLayout: Preprocessing]
  /// The rows and columns of the published network's last feature map, to which torchvision
  /// averages those of other inputs; nil where the network averages all of it anyway.
  let lastFeatureMap: Extent?
  private let build: @Sendable (NetworkOptions) throws(CNNError) -> Network

  init(
    _ name: String, _ summary: String, defaults: NetworkOptions = NetworkOptions(),
    labels: LabelSet = .imageNet, weights: [PublishedWeights] = [],
    preprocessing: [WeightsLayout: Preprocessing], lastFeatureMap: Extent? = nil,
    build: @escaping @Sendable (NetworkOptions) throws(CNNError) -> Network
  ) {
    self.name = name
    self.summary = summary
    self.defaults = defaults
    self.labels = labels
    publishedWeights = weights
    self.preprocessing = preprocessing
    self.lastFeatureMap = lastFeatureMap
    self.build = build
  }

  /// The network for the given options, the published one by default.
  ///
  /// - Throws: `invalidShape` that names the node where the input size does not fit.
  public func network(_ options: NetworkOptions? = nil) throws(CNNError) -> Network {
    try build(options ?? defaults)
  }

  /// What to do to a picture before weights of this layout see it.
  public func preprocessing(for layout: WeightsLayout) -> Preprocessing {
    preprocessing[layout] ?? preprocessing[.native] ?? .torchvision
  }

  /// The adaptive pooling that lets one set of weights serve another input size.
  func adaptivePooling(for inputSize: Extent) -> Extent? {
    inputSize == defaults.inputSize ? nil : lastFeatureMap
  }
}

extension CNNModel {
  /// The model called `name`; case, `-`, `_` and `.` make no difference, so `vgg16_bn` and
  /// `squeezenet1_0` are found too.
  ///
  /// - Throws: `unknown`, with the names that resemble it.
  public init(named name: String) throws(CNNError) {
    let key = Self.searchKey(name)
    if let model = Self.allCases.first(where: { Self.searchKey($0.name) == key }) {
      self = model
      return
    }
    let similar = Self.allCases.map(\.name).filter { name in
      let other = Self.searchKey(name)
      return other.commonPrefix(with: key).count >= 3 || (key.count >= 3 && other.contains(key))
    }
    throw CNNError(
      .usage, .unknown, "there is no model called \"\(name)\"",
      expected: similar.isEmpty ? nil : similar.joined(separator: ", "),
      remedy: CNNError.Remedy("The catalogue names all there are", action: .listModels))
  }

  private static func searchKey(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}

extension CNNModel: Hashable, Codable, CustomStringConvertible {
  /// Whether both are the same entry.
  public static func == (left: CNNModel, right: CNNModel) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The model whose name was encoded. Throws `CNNError.Code.unknown` where there is none.
  public init(from decoder: any Decoder) throws {
    try self.init(named: try decoder.singleValueContainer().decode(String.self))
  }

  /// Encodes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }

  /// The name.
  public var description: String { name }
}

extension String {
  /// The characters with which both begin.
  fileprivate func commonPrefix(with other: String) -> Substring {
    prefix(zip(self, other).prefix { $0 == $1 }.count)
  }
}

/// A weights file that somebody published for a model, with the facts needed to use it well.
///
/// Preprocessing belongs to the weights, not to the architecture: the same VGG16 wants RGB in
/// [0, 1] from one source and BGR minus a mean from another.
public struct PublishedWeights: Sendable, Hashable {
  /// The file's usual name.
  public let fileName: String
  /// Where it is published.
  public let source: String
  /// Published accuracy on ImageNet's validation set with one centre crop, in percent; nil where
  /// none was published.
  public let accuracy: Accuracy?

  /// What these weights were trained with, where it is not what the names in the file suggest.
  public let preprocessing: Preprocessing?

  /// Share of pictures whose true class is the first guess, or among the first five, in percent.
  public struct Accuracy: Sendable, Hashable {
    /// First guess right.
    public let top1: Double
    /// Among the first five.
    public let top5: Double
  }

  init(
    _ fileName: String, from source: String, accuracy: (Double, Double)? = nil,
    preprocessing: Preprocessing? = nil
  ) {
    self.fileName = fileName
    self.source = source
    self.preprocessing = preprocessing
    self.accuracy = accuracy.map { Accuracy(top1: $0.0, top5: $0.1) }
  }
}
