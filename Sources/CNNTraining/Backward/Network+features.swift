public import CNNCore

extension Network {
  /// The last node whose output never changes while the nodes `frozen` keep their parameters, and
  /// through which everything behind it sees the picture: its outputs can be computed once.
  ///
  /// Layers without parameters behind the last frozen one belong to it, up to the first dropout.
  /// Nil where nothing but the picture itself qualifies.
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
