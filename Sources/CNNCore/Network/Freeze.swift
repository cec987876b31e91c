public import CNNSystem

/// Which part of a network keeps its weights in training: always everything up to one node.
public enum Freeze: Sendable, Hashable {
  /// Nothing: every layer is trained.
  case none
  /// All convolutions; the linear layers are trained.
  case convolutions
  /// Everything but the last layer with parameters.
  case allButLast
  /// So many layers from the first on: convolutions and linear layers, each with the batch
  /// normalisation after it.
  case layers(Int)
  /// Everything up to the node of this name, or up to the last node of a stage such as `layer3` or
  /// `conv3`, included.
  case through(String)

  /// The choice that `text` names: `none`, `conv`, `all-but-last`, a number of layers, a node, or a
  /// stage.
  public init(_ text: String) {
    switch text {
    case "none": self = .none
    case "conv": self = .convolutions
    case "all-but-last": self = .allButLast
    default: self = Int(text).map { .layers($0) } ?? .through(text)
    }
  }
}

extension Freeze: CustomStringConvertible {
  /// The text that `init(_:)` reads.
  public var description: String {
    switch self {
    case .none: "none"
    case .convolutions: "conv"
    case .allButLast: "all-but-last"
    case .layers(let count): "\(count)"
    case .through(let name): name
    }
  }
}

extension Freeze: Codable {
  /// Reads the text that `init(_:)` takes.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes `description`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Network {
  /// Names of the nodes whose parameters are frozen.
  ///
  /// - Throws: `unknown` where the choice names no node or stage of the network, or more layers than
  ///   there are.
  public func frozenNodes(_ freeze: Freeze) throws(CNNError) -> Set<String> {
    let last: Int?
    switch freeze {
    case .none:
      last = nil
    case .convolutions:
      // The batch normalisation after the last convolution is part of it.
      last = nodes.lastIndex { node in
        if case .linear = node.layer { false } else { !node.parameters.isEmpty }
      }
    case .allButLast:
      last = nodes.lastIndex { !$0.parameters.isEmpty }.map { $0 - 1 }
    case .layers(let count):
      last = try lastNode(ofLayers: count)
    case .through(let name):
      last =
        try name == "logits" ? nodes.firstIndex(of: logitsNode) : lastIndex(ofNodeOrStage: name)
    }
    guard let last, last >= 0 else { return [] }
    return Set(nodes[...last].map(\.name))
  }

  /// The index of the node before layer `count + 1`, counted from 1.
  private func lastNode(ofLayers count: Int) throws(CNNError) -> Int? {
    let layers = nodes.indices.filter { index in
      switch nodes[index].layer {
      case .convolution, .linear: true
      default: false
      }
    }
    guard (0..<layers.count).contains(count) else {
      throw CNNError(
        .usage, .unknown, "\(name) cannot freeze so many layers", found: "\(count)",
        expected: "0 to \(layers.count - 1), so that one is trained")
    }
    return layers[count] - 1
  }
}

extension Network {
  /// The last node whose outputs can be computed once for a whole training: no parameter before it
  /// is trained, and every later node depends on the picture only through it.
  ///
  /// Layers without parameters after the last frozen one are included, up to the first dropout,
  /// which changes from step to step. Nil where only the picture itself qualifies.
  ///
  /// - Parameters:
  ///   - frozen: names of nodes whose parameters are not trained.
  ///   - output: the node that is trained for; nil for the logits.
  public func featureNode(frozen: Set<String>, output: String? = nil) -> Node? {
    let part = truncated(after: output ?? logitsNode.name)
    var constant: Set<String> = [Network.inputName]
    for node in part.nodes where node.inputs.allSatisfy(constant.contains) {
      if case .dropout = node.layer { continue }
      guard node.parameters.isEmpty || frozen.contains(node.name) else { continue }
      constant.insert(node.name)
    }
    return part.nodes.enumerated().last { index, node in
      let earlier = Set(part.nodes[..<index].map(\.name)).union([Network.inputName])
      let isCrossed = part.nodes[(index + 1)...].contains {
        !earlier.isDisjoint(with: $0.inputs)
      }
      return constant.contains(node.name) && !isCrossed
    }?.element
  }
}
