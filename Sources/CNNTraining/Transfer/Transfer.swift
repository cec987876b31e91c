public import CNNCore
public import CNNSystem

/// What a fine-tuned network takes from a pretrained one: which layers keep their weights, which
/// of those stay as they are, and what is new.
///
/// | scenario | freeze | head |
/// |---|---|---|
/// | a new last layer on fixed features | `.allButLast` | |
/// | new linear layers on fixed convolutions | `.convolutions` | |
/// | further training of the linear layers | `.convolutions`, `keepsLinearLayers` | |
/// | training from a node on | `.through("conv3_3")` | |
/// | training of everything | `.none` | |
/// | another classifier, for any size of input | any | `ClassifierHead(widths: [4096, 4096])` |
///
/// The last layer is always new: its classes are others.
public struct Transfer: Sendable, Hashable, Codable {
  /// Which nodes are not trained.
  public var freeze: Freeze
  /// With `.convolutions`: whether the linear layers but the last begin with the pretrained weights
  /// rather than random ones.
  public var keepsLinearLayers: Bool
  /// Whether the last layer keeps its weights too, where further training is about the same classes.
  public var keepsLastLayer: Bool
  /// Another classifier in place of the network's own.
  public var head: ClassifierHead?

  /// A choice; a new last layer on fixed features by default.
  public init(
    freeze: Freeze = .allButLast, keepsLinearLayers: Bool = false, keepsLastLayer: Bool = false,
    head: ClassifierHead? = nil
  ) {
    self.freeze = freeze
    self.keepsLinearLayers = keepsLinearLayers
    self.keepsLastLayer = keepsLastLayer
    self.head = head
  }

  /// The last node of `network` whose weights are taken; what comes after it is new.
  ///
  /// - Throws: `usage` where that leaves nothing.
  public func lastKeptNode(of network: Network) throws(CNNError) -> String {
    let dropsLinear = freeze == .convolutions && !keepsLinearLayers && !keepsLastLayer
    let name: String?
    if head != nil || dropsLinear, let first = network.firstLinearNode {
      name = network.featureNode(behind: first)
    } else if keepsLastLayer, head == nil {
      name = network.logitsNode.name
    } else {
      name = network.nodes.last { !$0.parameters.isEmpty }?.inputs.first
    }
    guard let name, name != Network.inputName else {
      throw CNNError(
        .usage, .mismatch, "\(network.name) has no layer before its classifier to be kept",
        remedy: "Choose another network")
    }
    return name
  }

  /// The fine-tuned network.
  ///
  /// - Parameters:
  ///   - kept: the pretrained network up to `lastKeptNode(of: published)`.
  ///   - published: the whole pretrained network at the input size of `kept`.
  ///   - classes: outputs of the last layer.
  /// - Throws: `invalidShape` where a layer cannot take its input, a `usage` error for a head that no
  ///   network can have.
  public func network(
    kept: Network, published: Network, classes: Int
  ) throws(CNNError) -> Network {
    guard let last = kept.nodes.last else { preconditionFailure("no node is kept") }
    var steps = kept.nodes.map { ($0.name, $0.layer, $0.inputs) }
    if let head {
      try head.validate()
      steps += head.steps(behind: last.name, shape: last.outputShape, classes: classes)
    } else {
      let names = Set(kept.nodes.map(\.name))
      let final = published.nodes.last { !$0.parameters.isEmpty }?.name
      steps += published.nodes.filter { !names.contains($0.name) }.map { node in
        let layer = node.name == final ? node.layer.with(outputs: classes) : node.layer
        return (node.name, layer, node.inputs)
      }
    }
    return try Network(name: kept.name, inputShape: kept.inputShape, steps: steps)
  }

  /// Names of the nodes that are not trained. New layers always are: with a new head, `.allButLast`
  /// freezes all that was kept.
  ///
  /// - Parameters:
  ///   - network: the fine-tuned network.
  ///   - kept: names of the nodes that come from the pretrained one.
  /// - Throws: `usage` where the choice names no node, or would freeze a new layer.
  public func frozenNodes(
    of network: Network, keeping kept: Set<String>
  ) throws(CNNError) -> Set<String> {
    let frozen = try network.frozenNodes(freeze)
    let new = network.nodes.firstIndex { !$0.parameters.isEmpty && !kept.contains($0.name) }
    guard let new, frozen.contains(network.nodes[new].name) else { return frozen }
    guard freeze == .allButLast else {
      throw CNNError(
        .usage, .mismatch, "a new layer cannot be frozen: its weights are random",
        found: "everything up to \(freeze) frozen, and \(network.nodes[new].name) is new",
        remedy: "Freeze less")
    }
    return frozen.intersection(network.nodes[..<new].map(\.name))
  }
}

extension Network {
  fileprivate var firstLinearNode: Node? {
    nodes.first { if case .linear = $0.layer { true } else { false } }
  }

  /// The node that makes the features for a linear layer: what only rearranges them or drops some
  /// belongs to the classifier.
  fileprivate func featureNode(behind classifier: Node) -> String? {
    var name = classifier.inputs.first
    while let node = name.flatMap(node) {
      switch node.layer {
      case .flatten, .dropout: name = node.inputs.first
      default: return node.name
      }
    }
    return name
  }
}

extension Layer {
  /// The layer with another count of outputs.
  fileprivate func with(outputs: Int) -> Layer {
    switch self {
    case .linear: return .linear(outputs: outputs)
    case .convolution(var settings):
      settings.channels = outputs
      return .convolution(settings)
    default: return self
    }
  }
}
