internal import CNNCore
internal import CNNSystem

/// A node of a training pass, and what its backward pass has to give.
struct TrainingNode: Sendable {
  let node: Network.Node
  /// How it is computed.
  let layer: any TrainableLayer
  /// Whether its parameters are trained.
  let isTrained: Bool
  /// For each input, whether its gradient is needed: whether something before it is trained.
  let passesGradient: [Bool]
  /// Whether a batch normalisation takes its statistics from the batch.
  let measuresBatch: Bool
  /// The inputs that no later node reads.
  let lastReads: Set<String>
  /// Of a linear layer, the dropout that follows it directly or after a ReLU: outputs that it drops
  /// need not be computed.
  let dropout: Network.Node?

  var name: String { node.name }

  /// Whether the backward pass reaches this node at all.
  var isBackward: Bool { isTrained || passesGradient.contains(true) }

  /// The nodes of a pass, the first of which read `input`.
  static func prepare(
    _ nodes: [Network.Node], input: String, frozen: Set<String>,
    statistics: NormStatistics
  ) -> [TrainingNode] {
    var known: Set<String> = [input]
    var differentiated: Set<String> = []
    let lastReads = Liveness.lastReads(nodes.map(\.inputs))
    return nodes.enumerated().map { index, node in
      requireArgument(
        node.inputs.allSatisfy(known.contains), "\(node.name) reads something before \(input)")
      known.insert(node.name)
      guard let layer = node.layer.kind as? any TrainableLayer else {
        fatalError("\(node.name): \(node.layer) cannot be trained")
      }
      let isTrained = !node.parameters.isEmpty && !frozen.contains(node.name)
      let result = TrainingNode(
        node: node, layer: layer, isTrained: isTrained,
        passesGradient: node.inputs.map(differentiated.contains),
        measuresBatch: isTrained && statistics == .batch,
        lastReads: lastReads[index],
        dropout: dropout(after: node, in: nodes))
      if result.isBackward { differentiated.insert(node.name) }
      return result
    }
  }

  /// The dropout that is the only reader of the linear layer `node`, perhaps through a ReLU.
  private static func dropout(
    after node: Network.Node, in nodes: [Network.Node]
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

  /// The inputs, taken out of `values` where no later node reads them.
  func takeInputs(from values: inout [String: Tensor]) -> [Tensor] {
    // A node may read one result twice, so nothing is removed before all are taken.
    let inputs = node.inputs.map { name in
      guard let value = values[name] else { fatalError("\(name) is gone") }
      return value
    }
    for name in lastReads { values.removeValue(forKey: name) }
    return inputs
  }
}
