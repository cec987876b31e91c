import CNNCore

/// What `cnn summary` prints about a network, in its form as JSON.
struct NetworkSummary: Encodable {
  /// One node.
  struct Row: Encodable {
    let node: String
    let layer: String
    let inputs: [String]
    let outputShape: [Int]
    let parameters: Int
    let statistics: Int
    let multiplyAdds: Int
    let outputBytes: Int
    let frozen: Bool
  }

  let model: String
  let input: [Int]
  let classes: Int
  let nodes: [Row]
  /// Learned parameters, without BatchNorm's statistics.
  let parameters: Int
  let trainableParameters: Int
  let frozenParameters: Int
  /// BatchNorm's running means and variances, which Keras counts as parameters.
  let statistics: Int
  let multiplyAdds: Int
  let parameterBytes: Int
  let outputBytes: Int

  init(_ network: Network, frozen: Set<String>) {
    model = network.name
    input = network.inputShape
    classes = network.classCount
    nodes = network.nodes.map { Row($0, isFrozen: frozen.contains($0.name)) }
    parameters = network.parameterCount
    frozenParameters = nodes.reduce(0) { $0 + ($1.frozen ? $1.parameters : 0) }
    trainableParameters = parameters - frozenParameters
    statistics = network.statisticCount
    multiplyAdds = network.multiplyAdds
    parameterBytes = (parameters + statistics) * MemoryLayout<Float>.stride
    outputBytes = nodes.reduce(0) { $0 + $1.outputBytes }
  }
}

extension NetworkSummary.Row {
  fileprivate init(_ node: Network.Node, isFrozen: Bool) {
    self.node = node.name
    layer = node.layer.description
    inputs = node.inputs
    outputShape = node.outputShape
    let statistics = node.parameters.filter { $0.role == .statistic }.reduce(0) { $0 + $1.count }
    parameters = node.parameters.reduce(0) { $0 + $1.count } - statistics
    self.statistics = statistics
    multiplyAdds = node.multiplyAdds
    outputBytes = node.outputShape.reduce(1, *) * MemoryLayout<Float>.stride
    frozen = isFrozen
  }
}
