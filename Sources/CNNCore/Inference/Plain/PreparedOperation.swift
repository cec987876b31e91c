/// A layer together with its parameters in the form in which they are used.
enum PreparedOperation: Sendable {
  case convolution(Convolution, weight: Tensor, bias: Tensor?)
  case linear(weight: ParameterArray, bias: Tensor?)
  /// A linear layer on our kernels.
  case packedLinear(PackedLinear)
  case batchNorm(BatchNormParameters)
  /// A layer without parameters.
  case plain(Layer)

  /// The operation of `node`, with the BatchNorm behind it folded in if one is given.
  init(_ node: Network.Node, foldedNorm: Network.Node?, _ parameters: Parameters) {
    switch node.layer {
    case .convolution(let settings):
      let weight = parameters.weight(of: node).tensor()
      let bias = settings.hasBias ? parameters.bias(of: node) : nil
      if let foldedNorm {
        let norm = BatchNormParameters(foldedNorm, parameters)
        let folded = foldBatchNorm(norm, intoWeight: weight, bias: bias)
        self = .convolution(settings, weight: folded.weight, bias: folded.bias)
      } else {
        self = .convolution(settings, weight: weight, bias: bias)
      }
    case .linear:
      self = .linear(weight: parameters.weight(of: node), bias: parameters.bias(of: node))
    case .batchNorm:
      self = .batchNorm(BatchNormParameters(node, parameters))
    default:
      self = .plain(node.layer)
    }
  }
}

extension BatchNormParameters {
  /// The parameters of a BatchNorm node.
  init(_ node: Network.Node, _ parameters: Parameters) {
    guard case .batchNorm(let epsilon) = node.layer else {
      preconditionFailure("\(node.name) is no BatchNorm")
    }
    self.init(
      weight: parameters[node.name + ".weight"].tensor(),
      bias: parameters[node.name + ".bias"].tensor(),
      runningMean: parameters[node.name + ".running_mean"].tensor(),
      runningVariance: parameters[node.name + ".running_var"].tensor(), epsilon: epsilon)
  }
}
