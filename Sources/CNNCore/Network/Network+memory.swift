extension Network {
  /// The largest number of elements that one picture needs at once: results that are still to be
  /// read, with the one that is computed and the patches under a row of a convolution.
  package var largestLiveCount: Int {
    var lastReaders: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { lastReaders[input] = index }
    }
    var sizes = [Network.inputName: Tensor.elementCount(of: inputShape)]
    var (live, largest) = (sizes[Network.inputName] ?? 0, 0)
    for (index, node) in nodes.enumerated() {
      let size = Tensor.elementCount(of: node.outputShape)
      sizes[node.name] = size
      live += size
      largest = max(largest, live + node.patchRowCount)
      for input in Set(node.inputs) where lastReaders[input] == index { live -= sizes[input] ?? 0 }
    }
    return largest
  }
}

extension Network.Node {
  /// Elements of the patches under one row of a convolution's result, see `Im2col`.
  fileprivate var patchRowCount: Int {
    guard case .convolution = layer, let weight = parameters.first else { return 0 }
    return weight.shape.dropFirst().reduce(outputShape[2], *)
  }
}
