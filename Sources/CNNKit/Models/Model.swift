public import CNNCore
public import CNNImage
public import CNNSystem
public import CNNWeights

/// An entry of the catalogue: a published network, what its outputs mean, and which weights files
/// fit.
public struct Model: Sendable {
  /// The name on the command line: `vgg16`, `resnet50`.
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

  /// The model called `name`; case, `-`, `_` and `.` make no difference, so `vgg16_bn` and
  /// `squeezenet1_0` are found too.
  ///
  /// - Throws: `unknown`, with the names there are.
  public static func named(_ name: String) throws(CNNError) -> Model {
    let key = searchKey(name)
    if let model = all.first(where: { searchKey($0.name) == key }) { return model }
    let similar = all.map(\.name).filter { name in
      let other = searchKey(name)
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

extension String {
  /// The characters with which both begin.
  fileprivate func commonPrefix(with other: String) -> Substring {
    prefix(zip(self, other).prefix { $0 == $1 }.count)
  }
}
