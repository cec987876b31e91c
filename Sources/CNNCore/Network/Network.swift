public import CNNSystem

/// A network as a plain value: named nodes in the order of computation, without any weights.
///
/// It knows each node's output shape, parameters, multiply-adds and memory, so it can be printed,
/// compared, cut and checked against a weights file before any weight is read. Shapes are without
/// the batch: `[C, H, W]` for a feature map, `[F]` for a vector.
public struct Network: Sendable, Hashable {
  /// One step of the computation.
  public struct Node: Sendable, Hashable {
    /// The name the literature uses: `conv1`, `fc6`, `layer1.0.conv1`.
    public let name: String
    /// What is computed.
    public let layer: Layer
    /// Names of the nodes it reads, or `Network.inputName`.
    public let inputs: [String]
    /// Shape of each input, without the batch.
    public let inputShapes: [[Int]]
    /// Shape of the result, without the batch.
    public let outputShape: [Int]
  }

  /// The name under which nodes read the picture itself.
  public static let inputName = "input"

  /// The name of the architecture, such as `vgg16`.
  public let name: String
  /// Shape of one input picture, `[C, H, W]`.
  public let inputShape: [Int]
  /// The nodes; each reads only earlier ones.
  public let nodes: [Node]

  /// A network of the given steps.
  ///
  /// - Parameters:
  ///   - name: name of the architecture.
  ///   - inputShape: `[C, H, W]`.
  ///   - steps: name, layer and input names of each node, in order.
  /// - Throws: `invalidShape` that names the first node that cannot take its input, or
  ///   `invalidNetwork` for no nodes, two nodes of one name, too many or too few inputs, or an input
  ///   that is no earlier node.
  public init(
    name: String, inputShape: [Int], steps: [(name: String, layer: Layer, inputs: [String])]
  ) throws(CNNError) {
    try Network.requireCountable(inputShape, of: name)
    guard !steps.isEmpty else {
      throw CNNError(.usage, .invalidNetwork, "a network needs at least one node", subject: name)
    }
    var shapes = [Network.inputName: inputShape]
    var nodes: [Node] = []
    nodes.reserveCapacity(steps.count)
    for step in steps {
      if let problem = Network.problem(step, known: { shapes[$0] != nil }) {
        throw CNNError(.usage, .invalidNetwork, problem, subject: name)
      }
      let inputShapes = step.inputs.compactMap { shapes[$0] }
      let outputShape: [Int]
      do {
        outputShape = try step.layer.kind.outputShape(of: inputShapes)
        try Network.requireCountable(step.layer, inputShapes, outputShape)
      } catch {
        throw Network.shapeFailure(error, network: name, input: inputShape, node: step.name)
      }
      shapes[step.name] = outputShape
      nodes.append(
        Node(
          name: step.name, layer: step.layer, inputs: step.inputs, inputShapes: inputShapes,
          outputShape: outputShape))
    }
    self.name = name
    self.inputShape = inputShape
    self.nodes = nodes
  }

  private init(name: String, inputShape: [Int], nodes: [Node]) {
    self.name = name
    self.inputShape = inputShape
    self.nodes = nodes
  }

  /// More elements than any memory holds. Products of two such counts do not overflow.
  private static let largestCount = 1 << 40
  /// More multiply-adds than any machine does in a day.
  private static let largestWork = 1 << 48

  /// Sizes come from options and files, so their products are computed with a check for overflow.
  private static func requireCountable(
    _ layer: Layer, _ inputShapes: [[Int]], _ outputShape: [Int]
  ) throws(CNNError) {
    let kind = layer.kind
    let parameters = kind.parameters(input: inputShapes[0]).map(\.shape)
    for shape in [outputShape] + parameters { try requireCountable(shape, of: nil) }
    let multiplyAdds = kind.multiplyAddFactors(input: inputShapes[0], output: outputShape)
    guard multiplyAdds != [0] else { return }
    try requireCountable(multiplyAdds, of: nil, limit: largestWork)
  }

  private static func requireCountable(
    _ shape: [Int], of name: String?, limit: Int = largestCount
  ) throws(CNNError) {
    var count = 1
    for size in shape {
      guard size >= 1 else {
        throw CNNError(
          .usage, .invalidShape, "every size must be at least 1", subject: name,
          found: shape.shapeDescription)
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= limit else {
        throw CNNError(
          .usage, .invalidShape, "it would be larger than any memory", subject: name,
          found: shape.shapeDescription)
      }
      count = product
    }
  }

  /// What is wrong with a step, in words; nil where nothing is. `known` accepts the names of the
  /// nodes before it.
  static func problem(
    _ step: (name: String, layer: Layer, inputs: [String]), known: (String) -> Bool
  ) -> String? {
    let allowed = type(of: step.layer.kind).inputCount
    guard allowed.contains(step.inputs.count) else {
      return "\(step.name) has \(step.inputs.count) inputs"
    }
    guard step.inputs.allSatisfy(known) else {
      return "\(step.name) reads a node that is not before it"
    }
    return known(step.name) ? "two nodes are called \(step.name)" : nil
  }

  private static func shapeFailure(
    _ error: CNNError, network: String, input: [Int], node: String
  ) -> CNNError {
    var error = error.about(network)
    error.location = .node(node)
    error.remedy =
      "The network's input was \(input.shapeDescription); give it a size that it can take"
    return error
  }

  /// Height and width of the input.
  public var inputSize: Extent { Extent(height: inputShape[1], width: inputShape[2]) }

  /// The node called `name`, if there is one.
  public func node(_ name: String) -> Node? { nodes.first { $0.name == name } }

  /// The node whose output is the class scores before the softmax.
  ///
  /// That is the last node, or what the softmax at the end reads.
  public var logitsNode: Node {
    guard let last = nodes.last else { fatalError("\(name) has no nodes") }
    if case .softmax = last.layer, let input = node(last.inputs[0]) { return input }
    return last
  }

  /// The number of classes: elements of the logits.
  public var classCount: Int { logitsNode.outputShape.reduce(1, *) }

  /// The part of the network that computes `node`, that one included.
  ///
  /// Precondition: the node exists.
  public func truncated(after node: String) -> Network { truncated(after: [node]) }

  /// The part of the network that computes all of `outputs`, these included.
  ///
  /// Precondition: the nodes exist.
  package func truncated(after outputs: [String]) -> Network {
    for output in outputs where !nodes.contains(where: { $0.name == output }) {
      fatalError("\(name) has no node called \(output)")
    }
    var needed = Set(outputs)
    for candidate in nodes.reversed() where needed.contains(candidate.name) {
      needed.formUnion(candidate.inputs)
    }
    return Network(
      name: name, inputShape: inputShape, nodes: nodes.filter { needed.contains($0.name) })
  }

  /// The same network whose flatten nodes use `order`, for weights that were trained that way.
  package func flattening(_ order: FlattenOrder) -> Network {
    Network(
      name: name, inputShape: inputShape,
      nodes: nodes.map { node in
        guard case .flatten = node.layer else { return node }
        return Node(
          name: node.name, layer: .flatten(order), inputs: node.inputs,
          inputShapes: node.inputShapes, outputShape: node.outputShape)
      })
  }
}

extension CNNError.Code {
  /// Nodes that do not make a network: two of one name, an input that is no earlier node.
  public static let invalidNetwork = CNNError.Code(rawValue: "invalid-network")
}
