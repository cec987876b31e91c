/// Joins layers: dropout vanishes, and a convolution takes the BatchNorm, sum, ReLU and 2x2 maximum
/// behind it along, where nobody else reads what lies between.
struct Fusion {
  private let nodes: [Network.Node]
  /// What each node reads, without dropout.
  private let inputs: [[String]]
  /// The nodes that read each result.
  private let readers: [String: [Int]]
  private var isJoined: [Bool]

  /// The steps of `network` in an order in which they can be computed.
  static func steps(of network: Network) -> [FusedStep] {
    var fusion = Fusion(network)
    return fusion.join()
  }

  private init(_ network: Network) {
    var source: [String: String] = [:]
    var nodes: [Network.Node] = []
    var inputs: [[String]] = []
    for node in network.nodes {
      let read = node.inputs.map { source[$0] ?? $0 }
      if case .dropout = node.layer, node != network.nodes.last {
        source[node.name] = read[0]
      } else {
        nodes.append(node)
        inputs.append(read)
      }
    }
    var readers: [String: [Int]] = [:]
    for (index, read) in inputs.enumerated() {
      for name in read { readers[name, default: []].append(index) }
    }
    self.nodes = nodes
    self.inputs = inputs
    self.readers = readers
    isJoined = Array(repeating: false, count: nodes.count)
  }

  private mutating func join() -> [FusedStep] {
    // A step stands where its last node stood, behind everything that it reads.
    var steps = [FusedStep?](repeating: nil, count: nodes.count)
    for index in nodes.indices where !isJoined[index] {
      let (last, step) = step(from: index)
      steps[last] = step
    }
    return steps.compactMap { $0 }
  }

  private mutating func step(from index: Int) -> (last: Int, step: FusedStep) {
    var last = index
    var read = inputs[index]
    let operation: FusedOperation
    switch nodes[index].layer {
    case .convolution(let settings):
      var fused = FusedConvolution(node: nodes[index], settings: settings)
      extend(&fused, &last, &read)
      operation = .convolution(fused)
    case .add where read.count == 2:
      operation = .add(relu: take(.relu, behind: &last))
    default:
      operation = .node(nodes[index])
    }
    return (last, FusedStep(output: nodes[last].name, inputs: read, operation: operation))
  }

  /// Joins what follows the convolution at `last`.
  private mutating func extend(
    _ fused: inout FusedConvolution, _ last: inout Int, _ read: inout [String]
  ) {
    if let next = onlyReader(of: last), case .batchNorm = nodes[next].layer {
      fused.norm = nodes[next]
      isJoined[next] = true
      last = next
    }
    if let next = onlyReader(of: last), nodes[next].layer == .add, inputs[next].count == 2,
      let other = inputs[next].first(where: { $0 != nodes[last].name })
    {
      fused.addsResidual = true
      read.append(other)
      isJoined[next] = true
      last = next
    }
    fused.relu = take(.relu, behind: &last)
    if WinogradForm(fused) != nil, !fused.addsResidual {
      fused.pools = take(.maxPool(Window(kernel: 2, stride: 2)), behind: &last)
    }
  }

  /// Joins the node behind `last` if it is this layer.
  private mutating func take(_ layer: Layer, behind last: inout Int) -> Bool {
    guard let next = onlyReader(of: last), nodes[next].layer == layer else { return false }
    isJoined[next] = true
    last = next
    return true
  }

  private func onlyReader(of index: Int) -> Int? {
    guard let all = readers[nodes[index].name], all.count == 1, !isJoined[all[0]] else {
      return nil
    }
    return all[0]
  }
}
