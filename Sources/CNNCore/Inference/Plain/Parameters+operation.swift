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
