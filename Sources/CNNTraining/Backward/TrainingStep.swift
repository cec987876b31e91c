internal import CNNCore

/// A node of a training pass, and what its backward pass has to give.
struct TrainingStep: Sendable {
  let node: Network.Node
  /// Whether its parameters are trained.
  let isTrained: Bool
  /// For each input, whether a gradient is wanted: whether something before it is trained.
  let passesGradient: [Bool]
  /// Whether a batch normalisation takes its statistics from the batch.
  let measuresBatch: Bool
  /// The inputs that no later step reads.
  let lastReads: Set<String>
  /// Of a linear layer, the dropout behind it, with at most a ReLU between: what that drops need
  /// not be computed.
  let dropout: Network.Node?

  /// Whether the backward pass comes here at all.
  var isBackward: Bool { isTrained || passesGradient.contains(true) }

  /// The steps of `nodes`, the first of which read `input`.
  static func prepare(
    _ nodes: [Network.Node], input: String, frozen: Set<String>,
    statistics: TrainingPass.NormStatistics
  ) -> [TrainingStep] {
    var known: Set<String> = [input]
    var differentiated: Set<String> = []
    var readers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.inputs { readers[name] = index }
    }
    return nodes.enumerated().map { index, node in
      precondition(
        node.inputs.allSatisfy(known.contains), "\(node.name) reads something before \(input)")
      known.insert(node.name)
      let isTrained = !node.parameters.isEmpty && !frozen.contains(node.name)
      let step = TrainingStep(
        node: node, isTrained: isTrained,
        passesGradient: node.inputs.map(differentiated.contains),
        measuresBatch: isTrained && statistics == .batch,
        lastReads: Set(node.inputs.filter { readers[$0] == index }),
        dropout: dropout(behind: node, in: nodes))
      if step.isBackward { differentiated.insert(node.name) }
      return step
    }
  }

  /// The dropout that alone sees the result of the linear layer `node`.
  private static func dropout(
    behind node: Network.Node, in nodes: [Network.Node]
  ) -> Network.Node? {
    guard case .linear = node.layer else { return nil }
    var node = node
    while true {
      let readers = nodes.filter { $0.inputs.contains(node.name) }
      guard readers.count == 1 else { return nil }
      node = readers[0]
      switch node.layer {
      case .relu: continue
      case .dropout: return node
      default: return nil
      }
    }
  }
}
