extension Network.Node {
  /// The parameters of the node, in the order PyTorch lists them; empty for most layers.
  public var parameters: [ParameterDescription] {
    layer.kind.parameters(input: inputShapes[0]).map {
      ParameterDescription(
        node: name, name: "\(name).\($0.suffix)", shape: $0.shape, role: $0.role)
    }
  }

  /// Multiplications of one picture, each with an addition; only convolution and linear layers
  /// count, as in the published tables.
  public var multiplyAdds: Int {
    layer.kind.multiplyAddFactors(input: inputShapes[0], output: outputShape).reduce(1, *)
  }
}

extension Network {
  /// All parameters, in the order of the nodes.
  public var parameters: [ParameterDescription] { nodes.flatMap(\.parameters) }

  /// The number of learned parameters, as PyTorch counts them: without BatchNorm's statistics.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.role == .statistic ? 0 : $1.count) }
  }

  /// The number of BatchNorm statistics, which Keras adds to its parameter count.
  public var statisticCount: Int {
    parameters.reduce(0) { $0 + ($1.role == .statistic ? $1.count : 0) }
  }

  /// Multiply-adds of one picture in all convolution and linear layers.
  public var multiplyAdds: Int { nodes.reduce(0) { $0 + $1.multiplyAdds } }

  /// The largest number of elements that one picture needs at once: results that are still to be
  /// read, with the one that is computed and the scratch memory of its plain operation.
  package var largestLiveCount: Int {
    let lastReads = Liveness.lastReads(nodes.map(\.inputs))
    var sizes = [Network.inputName: Tensor.elementCount(of: inputShape)]
    var (live, largest) = (sizes[Network.inputName] ?? 0, 0)
    for (index, node) in nodes.enumerated() {
      let size = Tensor.elementCount(of: node.outputShape)
      sizes[node.name] = size
      live += size
      let scratch = node.layer.kind.scratchCount(
        input: node.inputShapes[0], output: node.outputShape)
      largest = max(largest, live + scratch)
      for input in lastReads[index] { live -= sizes[input] ?? 0 }
    }
    return largest
  }
}
