public import CNNCore
public import CNNImage
internal import CNNSystem

/// Everything about a trained model but the elements of its parameters. A model file has it in its
/// metadata, so that nobody has to know it to use the file; see `ModelFile`.
public struct ModelDescription: Sendable, Hashable {
  /// The whole network, from the picture to the probabilities of the classes.
  public var network: Network
  /// What its outputs mean, one label for each.
  public var labels: LabelSet
  /// What is done to pixels before the network sees them.
  public var preprocessing: Preprocessing
  /// The name of the catalogue's model that the network was made from, such as `resnet18`; nil
  /// where there is none.
  public var model: String?
  /// Where the parameters come from: names and values of the writer's choice, such as the file and
  /// the fingerprint of the weights that training began with. No dates, so that equal runs make
  /// equal files.
  public var origin: [String: String]
  /// How good the model is: `val_accuracy`, `epoch`. Values that are not finite are not written.
  public var metrics: [String: Double]

  /// A description from its parts.
  ///
  /// Precondition: there is a label for each class, the preprocessing makes what the network takes,
  /// and the last node is a softmax.
  public init(
    network: Network, labels: LabelSet, preprocessing: Preprocessing, model: String? = nil,
    origin: [String: String] = [:], metrics: [String: Double] = [:]
  ) {
    self.network = network
    self.labels = labels
    self.preprocessing = preprocessing
    self.model = model
    self.origin = origin
    self.metrics = metrics
    let contradiction = contradiction
    requireArgument(contradiction == nil, contradiction?.description ?? "")
  }

  /// The same without a check, for what comes from a file.
  init(unchecked network: Network, labels: LabelSet, preprocessing: Preprocessing) {
    self.network = network
    self.labels = labels
    self.preprocessing = preprocessing
    model = nil
    origin = [:]
    metrics = [:]
  }

  /// What in the description contradicts itself, if anything does.
  var contradiction: CNNError? {
    if labels.count != network.classCount {
      return CNNError(
        .weights, .mismatch, "the labels do not fit the network", found: "\(labels.count) labels",
        expected: "\(network.classCount), one for each output")
    }
    if network.nodes.last?.layer != .softmax {
      return CNNError(
        .weights, .unsupported,
        "the network does not end in a softmax, so its outputs are no "
          + "probabilities", found: network.nodes.last?.name)
    }
    let made = [
      preprocessing.inputChannels, preprocessing.inputSize.height, preprocessing.inputSize.width,
    ]
    guard made != network.inputShape else { return nil }
    return CNNError(
      .weights, .mismatch, "the preprocessing does not make what the network takes",
      found: made.shapeDescription, expected: network.inputShape.shapeDescription)
  }
}
