internal import CNNCore

/// One layer in one training step: the place where the kinds of layers are told apart.
struct StepRun {
  let step: TrainingStep
  let parameters: TrainingParameters
  let randomness: TrainingRandomness
  let threads: Int

  struct Result {
    var output: Tensor
    var kept = KeptActivations.none
    var statistics: [String: Tensor] = [:]
  }

  /// The parameter of this node whose name ends in `suffix`.
  func parameter(_ suffix: String) -> Tensor {
    parameters.elements("\(step.node.name).\(suffix)")
  }

  /// Name of a parameter of this node.
  func name(_ suffix: String) -> String { "\(step.node.name).\(suffix)" }

  /// The output of the layer and what its backward pass needs.
  func forward(_ inputs: consuming [Tensor]) -> Result {
    switch step.node.layer {
    case .add:
      let terms = inputs
      return Result(
        output: terms.dropFirst().reduce(terms[0]) { add($0, $1, threads: threads) })
    case .concat:
      return Result(output: concat(inputs))
    default:
      var inputs = inputs
      return forward(inputs.removeFirst())
    }
  }

  private func forward(_ input: consuming Tensor) -> Result {
    switch step.node.layer {
    case .convolution(let settings):
      let output = convolution(
        input, weight: parameter("weight"), bias: settings.hasBias ? parameter("bias") : nil,
        window: settings.window, groups: settings.groups, threads: threads)
      return Result(output: output, kept: .input(input))
    case .linear:
      return Result(output: linearForward(input), kept: .input(input))
    case .batchNorm(let epsilon):
      return batchNormForward(input, epsilon)
    case .maxPool(let window):
      return Result(output: maxPool(input, window, threads: threads), kept: .input(input))
    case .averagePool(let window):
      return Result(output: averagePool(input, window, threads: threads))
    case .adaptiveAveragePool(let size):
      return Result(output: adaptiveAveragePool(input, size, threads: threads))
    case .globalAveragePool:
      return Result(output: globalAveragePool(input, threads: threads))
    case .localResponseNorm(let settings):
      return Result(
        output: localResponseNorm(input, settings, threads: threads), kept: .input(input))
    case .relu:
      let output = relu(input, threads: threads)
      return Result(output: output, kept: .output(output))
    case .dropout:
      guard let dropout = randomness.dropout(step.node) else { return Result(output: input) }
      return Result(output: dropout(input, threads: threads), kept: .dropout(dropout))
    case .flatten(let order):
      return Result(output: flatten(input, order))
    case .zeroPaddedShortcut(let channels, let stride):
      return Result(output: zeroPaddedShortcut(input, channels: channels, stride: stride))
    case .softmax:
      let output = softmax(input)
      return Result(output: output, kept: .output(output))
    case .add, .concat:
      preconditionFailure("computed from all inputs")
    }
  }

  private func linearForward(_ input: Tensor) -> Tensor {
    let (weight, bias) = (parameters.linearWeight(name("weight")), parameter("bias"))
    if let dropout = step.dropout.flatMap(randomness.dropout),
      let kept = KeptLinearForward(weight, dropout)
    {
      return kept.forward(input, bias: bias, threads: threads)
    }
    return weight.forward(input, bias: bias, threads: threads)
  }

  private func batchNormForward(_ input: Tensor, _ epsilon: Float) -> Result {
    let (mean, variance) = (parameter("running_mean"), parameter("running_var"))
    var statistics: [String: Tensor] = [:]
    let moments: BatchNormMoments
    if step.measuresBatch {
      let measured = BatchStatistics(of: input, threads: threads)
      moments = measured.moments(epsilon: epsilon)
      let updated = measured.updated(mean: mean, variance: variance)
      statistics = [name("running_mean"): updated.mean, name("running_var"): updated.variance]
    } else {
      moments = BatchNormMoments(runningMean: mean, runningVariance: variance, epsilon: epsilon)
    }
    let output = batchNorm(
      input, moments, weight: parameter("weight"), bias: parameter("bias"), threads: threads)
    return Result(output: output, kept: .normalized(input: input, moments), statistics: statistics)
  }
}
