/// A network as a list of plain operations, each on whole tensors: it runs on every processor, and the
/// kernels are tested against it. Only BatchNorm is folded; nothing else is fused.
struct PlainPlan: Sendable {
  let steps: [Step]
  private let outputs: [String]

  /// One operation with its parameters.
  struct Step: Sendable {
    /// The node whose result this is.
    let output: String
    fileprivate let inputs: [String]
    /// The inputs that no later step reads.
    fileprivate var lastReads: Set<String> = []
    fileprivate let operation: any LayerOperation
  }

  /// The plan that computes `outputs`, nodes of `network`.
  init(_ network: Network, _ parameters: Parameters, outputs: [String]) {
    let norms = network.foldedNorms(outputs: outputs)
    let folded = Set(norms.values.map(\.name))
    var steps = network.nodes.filter { !folded.contains($0.name) }.map { node in
      let norm = norms[node.name]
      return Step(
        output: (norm ?? node).name, inputs: node.inputs,
        operation: parameters.operation(of: node, foldedNorm: norm))
    }
    let lastReads = Liveness.lastReads(steps.map(\.inputs), keeping: Set(outputs))
    for index in steps.indices { steps[index].lastReads = lastReads[index] }
    self.steps = steps
    self.outputs = outputs
  }

  /// The results of the output nodes, by name.
  ///
  /// - Parameter observe: receives the number of each step when it has been computed.
  func run(_ input: Tensor, threads: Int, observe: (Int) -> Void) -> [String: Tensor] {
    var results = [Network.inputName: input]
    for (number, step) in steps.enumerated() {
      let inputs = step.takeInputs(from: &results)
      results[step.output] = step.operation.run(inputs, threads: threads)
      observe(number)
    }
    return results.filter { outputs.contains($0.key) }
  }
}

extension PlainPlan.Step {
  /// The inputs, removed from `results` where this step is the last to read them, so that an
  /// operation may overwrite them.
  fileprivate func takeInputs(from results: inout [String: Tensor]) -> [Tensor] {
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

extension Parameters {
  /// The plain operation of `node`.
  ///
  /// - Parameter foldedNorm: the BatchNorm behind a convolution, which becomes part of it.
  func operation(of node: Network.Node, foldedNorm: Network.Node?) -> any LayerOperation {
    guard let norm = foldedNorm.flatMap(norm), case .convolution(let settings) = node.layer else {
      return node.layer.kind.operation(of(node))
    }
    return settings.plainOperation(of(node)).folding(norm)
  }

  /// The parameters of a BatchNorm node; nil for other nodes.
  func norm(of node: Network.Node) -> BatchNormParameters? {
    guard case .batchNorm(let epsilon) = node.layer else { return nil }
    return BatchNormParameters(of(node), epsilon: epsilon)
  }
}
