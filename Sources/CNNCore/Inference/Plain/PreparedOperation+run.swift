extension PreparedOperation {
  /// The result for a batch; an input that nobody else holds is overwritten where that
  /// is possible.
  func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    var others = inputs
    let input = others.removeFirst()
    switch self {
    case .convolution(let settings, let weight, let bias):
      return CNNCore.convolution(
        input, weight: weight, bias: bias, window: settings.window, groups: settings.groups,
        threads: threads)
    case .linear(let weight, let bias):
      return CNNCore.linear(input, weight: weight, bias: bias, threads: threads)
    case .packedLinear(let linear):
      return linear.run(input, threads: threads)
    case .batchNorm(let norm):
      return CNNCore.batchNorm(input, norm, threads: threads)
    case .plain(let layer):
      return run(layer, input, others, threads: threads)
    }
  }

  private func run(
    _ layer: Layer, _ input: consuming Tensor, _ others: [Tensor], threads: Int
  ) -> Tensor {
    switch layer {
    case .maxPool(let window): maxPool(input, window, threads: threads)
    case .averagePool(let window): averagePool(input, window, threads: threads)
    case .adaptiveAveragePool(let size): adaptiveAveragePool(input, size, threads: threads)
    case .globalAveragePool: globalAveragePool(input, threads: threads)
    case .localResponseNorm(let settings): localResponseNorm(input, settings, threads: threads)
    case .relu: relu(input, threads: threads)
    case .dropout: input
    case .flatten(let order): flatten(input, order)
    case .add: others.reduce(input) { add($0, $1, threads: threads) }
    case .concat: concat([input] + others)
    case .zeroPaddedShortcut(let channels, let stride):
      zeroPaddedShortcut(input, channels: channels, stride: stride)
    case .softmax: softmax(input)
    case .convolution, .linear, .batchNorm:
      preconditionFailure("a layer with parameters")
    }
  }
}
