/// A layer together with its parameters in the form in which they are used.
enum PreparedOperation: Sendable {
  case convolution(Convolution, weight: Tensor, bias: Tensor?)
  case linear(weight: ParameterArray, bias: Tensor?)
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

extension PreparedOperation {
  /// The result for a batch; inputs that nobody else holds are overwritten where that is possible.
  func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    var inputs = inputs
    let first = inputs.removeFirst()
    switch self {
    case .convolution(let settings, let weight, let bias):
      return CNNCore.convolution(
        first, weight: weight, bias: bias, window: settings.window, groups: settings.groups,
        threads: threads)
    case .linear(let weight, let bias):
      return CNNCore.linear(first, weight: weight, bias: bias, threads: threads)
    case .batchNorm(let norm):
      return CNNCore.batchNorm(first, norm, threads: threads)
    case .plain(let layer):
      return layer.run(first, inputs, threads: threads)
    }
  }
}

extension BatchNormParameters {
  /// The parameters of a BatchNorm node.
  fileprivate init(_ node: Network.Node, _ parameters: Parameters) {
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

extension Layer {
  /// The result of a layer without parameters.
  fileprivate func run(
    _ input: consuming Tensor, _ others: [Tensor], threads: Int
  ) -> Tensor {
    switch self {
    case .maxPool(let window): CNNCore.maxPool(input, window, threads: threads)
    case .averagePool(let window): CNNCore.averagePool(input, window, threads: threads)
    case .adaptiveAveragePool(let size): CNNCore.adaptiveAveragePool(input, size, threads: threads)
    case .globalAveragePool: CNNCore.globalAveragePool(input, threads: threads)
    case .localResponseNorm(let settings): CNNCore.localResponseNorm(input, settings, threads: threads)
    case .relu: relu(input, threads: threads)
    case .dropout: input
    case .flatten(let order): CNNCore.flatten(input, order)
    case .add: others.reduce(input) { CNNCore.add($0, $1, threads: threads) }
    case .concat: concat([input] + others)
    case .zeroPaddedShortcut(let channels, let stride):
      CNNCore.zeroPaddedShortcut(input, channels: channels, stride: stride)
    case .softmax: softmax(input)
    case .convolution, .linear, .batchNorm:
      preconditionFailure("a layer with parameters")
    }
  }
}
