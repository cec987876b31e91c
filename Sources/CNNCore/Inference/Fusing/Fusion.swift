/// One pass over memory: a node, or several nodes that one kernel computes together.
struct FusedStep: Sendable {
  /// The node whose result this is: the last of the fused ones.
  let output: String
  /// The results that it reads; a residual comes last.
  let inputs: [String]
  let operation: FusedOperation
}

/// What a step computes.
enum FusedOperation: Sendable {
  /// A convolution and what follows it.
  case convolution(FusedConvolution)
  /// A sum of two maps, perhaps with the ReLU behind it.
  case add(relu: Bool)
  /// A node alone.
  case node(Network.Node)
}

/// A convolution with the layers behind it that can be applied to its sums before they are stored.
struct FusedConvolution: Sendable {
  /// The convolution.
  let node: Network.Node
  /// Its settings.
  let settings: Convolution
  /// The BatchNorm that is folded into its weights.
  var norm: Network.Node?
  /// Whether another map is added to the result.
  var addsResidual = false
  /// Whether ReLU is applied, after the sum.
  var relu = false
  /// Whether only the largest of each 2x2 results is stored.
  var pools = false

  /// The size of the map that it reads.
  var inputExtent: Extent {
    Extent(height: node.inputShapes[0][1], width: node.inputShapes[0][2])
  }
  /// The size of its own result, before pooling.
  var outputExtent: Extent {
    Extent(height: node.outputShape[1], width: node.outputShape[2])
  }
  /// Channels of the map that it reads.
  var inputChannels: Int { node.inputShapes[0][0] }
}

extension Network {
  /// The BatchNorm nodes that are folded into the convolutions before them, by the names of the
  /// convolutions: those that alone read a convolution which is none of the `outputs`.
  func foldedNorms(outputs: [String]) -> [String: Node] {
    var readers: [String: [Node]] = [:]
    for node in nodes {
      for name in node.inputs { readers[name, default: []].append(node) }
    }
    var norms: [String: Node] = [:]
    for node in nodes where !outputs.contains(node.name) {
      guard case .convolution = node.layer, let readers = readers[node.name], readers.count == 1,
        case .batchNorm = readers[0].layer
      else { continue }
      norms[node.name] = readers[0]
    }
    return norms
  }
}

/// Fuses layers: dropout is left out, and a convolution takes over the BatchNorm, sum, ReLU and 2x2
/// maximum behind it, where nothing else reads what lies between.
struct Fusion {
  private let nodes: [Network.Node]
  private let outputs: [String]
  private let norms: [String: Network.Node]
  /// What each node reads, without dropout.
  private let inputs: [[String]]
  /// The nodes that read each result.
  private let readers: [String: [Int]]
  private var isFused: [Bool]

  /// The steps that compute the nodes `outputs` of `network`, in an order in which they can be
  /// computed.
  static func steps(of network: Network, outputs: [String]) -> [FusedStep] {
    var fusion = Fusion(network, outputs)
    return fusion.steps()
  }

  private init(_ network: Network, _ outputs: [String]) {
    var source: [String: String] = [:]
    var nodes: [Network.Node] = []
    var inputs: [[String]] = []
    for node in network.nodes {
      let read = node.inputs.map { source[$0] ?? $0 }
      if case .dropout = node.layer, !outputs.contains(node.name) {
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
    self.outputs = outputs
    self.inputs = inputs
    self.readers = readers
    norms = network.foldedNorms(outputs: outputs)
    isFused = Array(repeating: false, count: nodes.count)
  }

  private mutating func steps() -> [FusedStep] {
    // A step takes the position of its last node, which is behind everything that it reads.
    var steps = [FusedStep?](repeating: nil, count: nodes.count)
    for index in nodes.indices where !isFused[index] {
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
      operation = .add(relu: fuse(.relu, behind: &last))
    default:
      operation = .node(nodes[index])
    }
    return (last, FusedStep(output: nodes[last].name, inputs: read, operation: operation))
  }

  /// Fuses what follows the convolution at `last`.
  private mutating func extend(
    _ fused: inout FusedConvolution, _ last: inout Int, _ read: inout [String]
  ) {
    if let norm = norms[fused.node.name], let next = onlyReader(of: last) {
      fused.norm = norm
      isFused[next] = true
      last = next
    }
    if let next = onlyReader(of: last), nodes[next].layer == .add, inputs[next].count == 2,
      let other = inputs[next].first(where: { $0 != nodes[last].name })
    {
      fused.addsResidual = true
      read.append(other)
      isFused[next] = true
      last = next
    }
    fused.relu = fuse(.relu, behind: &last)
    if WinogradForm(fused) != nil, !fused.addsResidual {
      fused.pools = fuse(.maxPool(Window(kernel: 2, stride: 2)), behind: &last)
    }
  }

  /// Fuses the node behind `last` if it is this layer.
  private mutating func fuse(_ layer: Layer, behind last: inout Int) -> Bool {
    guard let next = onlyReader(of: last), nodes[next].layer == layer else { return false }
    isFused[next] = true
    last = next
    return true
  }

  /// The node that alone reads the result of another, which is no output.
  private func onlyReader(of index: Int) -> Int? {
    guard !outputs.contains(nodes[index].name), let all = readers[nodes[index].name],
      all.count == 1, !isFused[all[0]]
    else { return nil }
    return all[0]
  }
}
