/// The parameters of a batch normalisation at inference, all `[C]`.
public struct BatchNormParameters: Sendable {
  /// Factor of each channel (gamma).
  public let weight: Tensor
  /// Constant added to each channel (beta).
  public let bias: Tensor
  /// Mean of each channel over the training set.
  public let runningMean: Tensor
  /// Variance of each channel over the training set.
  public let runningVariance: Tensor
  /// Added to the variance, against division by zero.
  public let epsilon: Float

  /// Parameters of as many channels as `weight` has elements. Precondition: equal shapes `[C]`.
  public init(
    weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, epsilon: Float
  ) {
    precondition(
      [weight, bias, runningMean, runningVariance].allSatisfy { $0.shape == [weight.count] },
      "the parameters of a batch normalisation are [C]")
    self.weight = weight
    self.bias = bias
    self.runningMean = runningMean
    self.runningVariance = runningVariance
    self.epsilon = epsilon
  }

  /// The factor that multiplies `input - mean`, for each channel.
  var factors: [Double] {
    zip(weight.elements, runningVariance.elements).map { weight, variance in
      Double(weight) / (Double(variance) + Double(epsilon)).squareRoot()
    }
  }

  /// The bias `[O]` of a convolution with this normalisation behind it, given its own or none.
  func foldedBias(_ bias: Tensor?) -> Tensor {
    let factors = factors
    let biases = bias?.elements ?? Array(repeating: 0, count: factors.count)
    let (means, shifts) = (runningMean.elements, self.bias.elements)
    return Tensor(
      shape: [factors.count],
      elements: factors.indices.map { output in
        let centred = Double(biases[output]) - Double(means[output])
        return Float(centred * factors[output] + Double(shifts[output]))
      })
  }
}

/// Batch normalisation by running statistics: input and result `[N, C, H, W]`.
///
///     result[c] = (input[c] - mean[c]) / sqrt(variance[c] + epsilon) * weight[c] + bias[c]
///
/// at each position (arXiv 1502.03167, algorithm 2).
public func batchNorm(
  _ input: Tensor, _ parameters: BatchNormParameters, threads: Int = 1
) -> Tensor {
  let extent = input.planeExtent
  precondition(input.shape[1] == parameters.weight.count, "the parameters are [C]")
  let factors = parameters.factors.map { Float($0) }
  let (means, biases) = (parameters.runningMean.elements, parameters.bias.elements)
  return input.mappingPlanes(to: extent, threads: threads) { source, target, channel in
    let (factor, mean, bias) = (factors[channel], means[channel], biases[channel])
    for index in 0..<extent.height * extent.width {
      target[index] = (source[index] - mean) * factor + bias
    }
  }
}

/// A convolution with the batch normalisation behind it as one convolution: weight
/// `[O, C / groups, kH, kW]`, bias `[O]` or none, parameters `[O]`; the result has the same shapes.
///
/// Computed in double precision, so the fold costs one rounding per weight.
public func foldBatchNorm(
  _ parameters: BatchNormParameters, intoWeight weight: Tensor, bias: Tensor?
) -> (weight: Tensor, bias: Tensor) {
  let outputs = weight.shape[0]
  precondition(outputs == parameters.weight.count, "the parameters are [O]")
  precondition(bias.map { $0.shape == [outputs] } ?? true, "the bias is [O]")
  let factors = parameters.factors
  let size = weight.count / max(1, outputs)
  let foldedWeight = weight.elements.enumerated().map { index, value in
    Float(Double(value) * factors[index / size])
  }
  return (
    Tensor(shape: weight.shape, elements: foldedWeight), parameters.foldedBias(bias)
  )
}
