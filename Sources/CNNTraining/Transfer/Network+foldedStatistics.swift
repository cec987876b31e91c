package import CNNCore

extension Network {
  /// Whether the batch normalisations that are trained hold mean 0 and variance 1 although they have
  /// learned something: their statistics were folded into scale and shift, as converters do it.
  /// Normalising with those of a batch then undoes what the weights know.
  package func hasFoldedStatistics(in parameters: Parameters, frozen: Set<String>) -> Bool {
    let norms = nodes.filter { node in
      if case .batchNorm = node.layer { !frozen.contains(node.name) } else { false }
    }
    func all(_ parameter: String, are value: Float) -> Bool {
      norms.allSatisfy {
        parameters["\($0.name).\(parameter)"].tensor().elements.allSatisfy { $0 == value }
      }
    }
    return all("running_mean", are: 0) && all("running_var", are: 1) && !all("weight", are: 1)
  }
}
