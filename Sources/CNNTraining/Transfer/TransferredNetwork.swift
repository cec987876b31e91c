public import CNNCore
public import CNNImage
public import CNNKit
public import CNNSystem
public import SystemPackage

/// A network at the start of its fine-tuning: layers of a pretrained network, and new ones.
public struct TransferredNetwork: Sendable {
  /// The pretrained weights that a fine-tuning begins with.
  public struct Base: Sendable, Hashable, Codable {
    /// The model's name in the catalogue, or that of its network.
    public var model: String
    /// The weights file, or `random weights, seed N`; for people.
    public var weights: String
    /// Hash of the parameters that were kept.
    public var fingerprint: String
    /// Shape of the network's input, `[C, H, W]`.
    public var inputShape: [Int]
    /// What is done to pixels.
    public var preprocessing: Preprocessing

    /// A base from its parts; see the properties.
    public init(
      model: String, weights: String, fingerprint: String, inputShape: [Int],
      preprocessing: Preprocessing
    ) {
      self.model = model
      self.weights = weights
      self.fingerprint = fingerprint
      self.inputShape = inputShape
      self.preprocessing = preprocessing
    }
  }

  /// The network to train, softmax included.
  public let network: Network
  /// All parameters before the first step; those that were kept are not copied, they stay in the
  /// mapped file.
  public let parameters: Parameters
  /// What is done to pixels: that of the pretrained weights.
  public let preprocessing: Preprocessing
  /// What the outputs mean.
  public let labels: LabelSet
  /// Names of the nodes that are not trained.
  public let frozen: Set<String>
  /// The last node whose outputs never change: what the feature cache holds; nil for none.
  public let features: String?
  /// The pretrained weights.
  public let base: Base
  /// The pretrained weights' file; nil for random ones.
  public let weightsFile: FilePath?
  /// Where the parameters are that the weights file does not hold itself, if it is a model file that
  /// holds only what was trained.
  package let weightsBase: BaseWeights?
  /// Whether nothing is new: the weights were trained for the same classes.
  public let keepsAllWeights: Bool
  /// How the file of the pretrained weights was understood; see `PretrainedNetwork.notes`.
  public let notes: [String]
  /// Names of the parameters that are in the pretrained weights and stay as they are there.
  public let unchangedParameters: Set<String>

  /// A network from a pretrained one.
  ///
  /// - Parameters:
  ///   - kept: the pretrained network up to `transfer.lastKeptNode(of: published)`.
  ///   - published: the whole pretrained network.
  ///   - transfer: what is kept and what is trained.
  ///   - weights: where the pretrained weights came from, for people.
  ///   - weightsFile: their file; nil for random ones.
  ///   - classNames: the classes of the data set.
  ///   - seed: of the new layers' weights.
  /// - Throws: `usage` where the choice does not fit the network.
  public init(
    keeping kept: PretrainedNetwork, of published: Network, transfer: Transfer,
    weights: String, weightsFile: FilePath? = nil, classNames: [String], seed: UInt64
  ) throws(CNNError) {
    let network = try transfer.network(
      kept: kept.network, published: published, classes: classNames.count)
    self.network = network
    try Self.requireMemory(for: network, keeping: kept.network)
    parameters = Self.parameters(of: network, keeping: kept, seed: seed)
    preprocessing = kept.preprocessing
    labels = LabelSet(names: classNames)
    frozen = try transfer.frozenNodes(
      of: network, keeping: Set(kept.network.nodes.map(\.name)))
    features = network.featureNode(frozen: frozen)?.name
    self.weightsFile = weightsFile
    weightsBase = kept.modelFile?.base
    notes = kept.notes
    let (keptNames, frozen) = (Set(kept.network.parameters.map(\.name)), self.frozen)
    keepsAllWeights = network.parameters.allSatisfy { keptNames.contains($0.name) }
    unchangedParameters = Set(
      network.parameters.filter { frozen.contains($0.node) && keptNames.contains($0.name) }
        .map(\.name))
    base = Base(
      model: kept.model?.name ?? published.name, weights: weights,
      fingerprint: kept.parameters.fingerprint(for: kept.network),
      inputShape: network.inputShape, preprocessing: kept.preprocessing)
    guard network.nodes.contains(where: { !frozen.contains($0.name) && !$0.parameters.isEmpty })
    else {
      throw CNNError(
        .usage, .mismatch, "\(network.name) would have no layer to train",
        found: "everything up to \(transfer.freeze) frozen", remedy: "Freeze less")
    }
  }

  /// Refuses new layers that do not fit into memory; kept ones need none.
  private static func requireMemory(
    for network: Network, keeping kept: Network
  ) throws(CNNError) {
    let names = Set(kept.parameters.map(\.name))
    let count = network.parameters.reduce(0) { $0 + (names.contains($1.name) ? 0 : $1.count) }
    try MemoryBudget.require(
      count * MemoryLayout<Float>.stride, for: "\(network.name) with its new layers")
  }

  private static func parameters(
    of network: Network, keeping kept: PretrainedNetwork, seed: UInt64
  ) -> Parameters {
    let names = Set(kept.network.parameters.map(\.name))
    var arrays: [String: ParameterArray] = [:]
    for (index, parameter) in network.parameters.enumerated() {
      arrays[parameter.name] =
        names.contains(parameter.name)
        ? kept.parameters[parameter.name]
        : ParameterArray(initialValue(of: parameter, seed: seed, index: index))
    }
    return Parameters(arrays, for: network)
  }

  /// Weights drawn evenly from within 1 / sqrt(inputs), as PyTorch's layers begin; biases 0. Small
  /// enough that features of any scale do not make the first losses explode.
  private static func initialValue(
    of parameter: ParameterDescription, seed: UInt64, index: Int
  ) -> Tensor {
    guard parameter.role == .weight, parameter.shape.count >= 2 else {
      let isOne = parameter.role == .weight || parameter.name.hasSuffix("running_var")
      return Tensor(
        shape: parameter.shape, elements: repeatElement(isOne ? 1 : 0, count: parameter.count))
    }
    let inputs = parameter.shape.dropFirst().reduce(1, *)
    return .uniform(
      parameter.shape, bound: 1 / Float(inputs).squareRoot(), seed: seed, stream: index)
  }
}

extension Network {
  /// Whether the batch normalisations that are trained hold mean 0 and variance 1 although they have
  /// learned something: their statistics were folded into scale and shift, as converters do it.
  /// Normalising with those of a batch then undoes what the weights know.
  package func hasFoldedStatistics(in parameters: Parameters, frozen: Set<String>) -> Bool {
    let norms = nodes.filter { node in
      if case .batchNorm = node.layer { !frozen.contains(node.name) } else { false }
    }
    func all(_ parameter: String, are value: Float) -> Bool {
      norms.allSatisfy {
        parameters["\($0.name).\(parameter)"].tensor().elements.allSatisfy { $0 == value }
      }
    }
    return all("running_mean", are: 0) && all("running_var", are: 1) && !all("weight", are: 1)
  }
}
