public import CNNSystem

/// Which part of a network keeps its weights in training: always everything up to one node.
public enum Freeze: Sendable, Hashable {
  /// Nothing: every layer is trained.
  case none
  /// All convolutions; the linear layers are trained.
  case convolutions
  /// Everything but the last layer with parameters.
  case allButLast
  /// Everything up to the node of this name, included.
  case through(String)

  /// The choice that `text` names: `none`, `conv`, `all-but-last`, or a node.
  public init(_ text: String) {
    switch text {
    case "none": self = .none
    case "conv": self = .convolutions
    case "all-but-last": self = .allButLast
    default: self = .through(text)
    }
  }
}

extension Network {
  /// Names of the nodes whose parameters are frozen.
  ///
  /// - Throws: `unknown` where the choice names no node of the network.
  public func frozenNodes(_ freeze: Freeze) throws(CNNError) -> Set<String> {
    let last: Int?
    switch freeze {
    case .none:
      last = nil
    case .convolutions:
      last = nodes.lastIndex { if case .convolution = $0.layer { true } else { false } }
    case .allButLast:
      last = nodes.lastIndex { !$0.parameters.isEmpty }.map { $0 - 1 }
    case .through(let name):
      let node = try resolve(layer: name)
      last = nodes.firstIndex(of: node)
    }
    guard let last, last >= 0 else { return [] }
    return Set(nodes[...last].map(\.name))
  }
}
