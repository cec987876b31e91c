/// One step of a plan: an operation with its parameters, and the results it reads and makes.
struct PreparedStep: Sendable {
  /// The node whose result this is.
  let output: String
  private let inputs: [String]
  /// The inputs that no later step reads.
  private let lastReads: Set<String>
  /// What is computed.
  let operation: any LayerOperation

  /// The steps of `network` in order.
  static func prepare(_ network: Network, _ parameters: Parameters) -> [PreparedStep] {
    var readers: [String: Int] = [:]
    for (index, node) in network.nodes.enumerated() {
      for input in node.inputs { readers[input] = index }
    }
    var steps: [PreparedStep] = []
    var index = 0
    while index < network.nodes.count {
      let node = network.nodes[index]
      let norm = foldableNorm(behind: index, in: network)
      let last = norm == nil ? index : index + 1
      steps.append(
        PreparedStep(
          output: network.nodes[last].name, inputs: node.inputs,
          lastReads: Set(node.inputs.filter { readers[$0] == index }),
          operation: parameters.operation(of: node, foldedNorm: norm)))
      index = last + 1
    }
    return steps
  }

  /// The BatchNorm right behind the convolution at `index` that is the only reader of it.
  private static func foldableNorm(behind index: Int, in network: Network) -> Network.Node? {
    let node = network.nodes[index]
    guard case .convolution = node.layer, index + 1 < network.nodes.count else { return nil }
    let next = network.nodes[index + 1]
    let readers = network.nodes.filter { $0.inputs.contains(node.name) }
    guard case .batchNorm = next.layer, readers == [next] else { return nil }
    return next
  }

  /// The inputs, taken out of `results` where this step is the last to read them, so that an
  /// operation may write in place.
  func takeInputs(from results: inout [String: Tensor]) -> [Tensor] {
    let values = inputs.map { name in
      guard let value = results[name] else {
        preconditionFailure("\(output) reads \(name), which is gone")
      }
      return value
    }
    // Afterwards, for a node may read one result twice.
    for name in lastReads { results[name] = nil }
    return values
  }
}
