import CNNCore

/// What `cnn summary` tells about a network, in the form in which it is printed as JSON.
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
    layer = node.layer.summary
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

extension Layer {
  /// The layer and its settings in a few words: `conv 3x3, pad 1`.
  fileprivate var summary: String {
    switch self {
    case .convolution(let settings):
      let groups = settings.groups > 1 ? ", groups \(settings.groups)" : ""
      return "conv " + settings.window.summary + groups
    case .maxPool(let window): return "max pool " + window.summary
    case .averagePool(let window): return "average pool " + window.summary
    case .adaptiveAveragePool(let size): return "average pool to \(size)"
    case .globalAveragePool: return "global average pool"
    case .localResponseNorm: return "LRN"
    case .batchNorm: return "BatchNorm"
    case .relu: return "ReLU"
    case .dropout(let rate): return "dropout \(rate)"
    case .linear: return "linear"
    case .flatten(let order): return order == .channelHeightWidth ? "flatten" : "flatten HWC"
    case .add: return "add"
    case .concat: return "concat"
    case .zeroPaddedShortcut(_, let stride): return "shortcut /\(stride), zero channels"
    case .softmax: return "softmax"
    }
  }
}

extension Window {
  /// `3x3 /2, pad 1, ceil`: kernel, stride and what differs from the ordinary.
  fileprivate var summary: String {
    var text = "\(kernel)"
    if stride != 1 { text += stride.height == stride.width ? " /\(stride.height)" : " /\(stride)" }
    switch padding {
    case .valid: break
    case .same: text += ", same"
    case .explicit(let edges):
      let sides = Set([edges.top, edges.left, edges.bottom, edges.right])
      if sides == [0] { break }
      let all = "\(edges.top) \(edges.left) \(edges.bottom) \(edges.right)"
      text += ", pad " + (sides.count == 1 ? "\(edges.top)" : all)
    }
    return rounding == .ceil ? text + ", ceil" : text
  }
}
