internal import CNNCore
internal import CNNSystem

/// Where the batch normalisations that are trained take their statistics from.
public enum NormStatistics: String, Sendable, Codable {
  /// From the batch, while the running statistics follow (momentum 0.1, as in PyTorch).
  case batch
  /// The running statistics, which stay as they are; weight and bias are trained.
  case running
}

/// Mean and variance of each channel of a batch `[N, C, H, W]`, in double precision.
struct BatchStatistics: Sendable {
  /// Mean of each channel.
  let means: [Double]
  /// Mean square of the deviations (the biased variance), which normalises the batch.
  let variances: [Double]
  /// Elements of a channel, N * H * W.
  let count: Int

  /// Measures `input`, in two passes over each channel: the variance of large values with a small
  /// spread survives.
  init(of input: Tensor, threads: Int) {
    let (pictures, channels) = (input.shape[0], input.shape[1])
    let plane = input.shape[2] * input.shape[3]
    let count = pictures * plane
    @Sendable func mean(_ channel: Int, _ value: (Double) -> Double) -> Double {
      input.withUnsafeElements { elements in
        var sum = 0.0
        for picture in 0..<pictures {
          let begin = (picture * channels + channel) * plane
          for index in begin..<begin + plane { sum += value(Double(elements[index])) }
        }
        return sum / Double(count)
      }
    }
    let moments = Workers.map(count: channels, threads: threads) { channel in
      let centre = mean(channel) { $0 }
      return (centre, mean(channel) { ($0 - centre) * ($0 - centre) })
    }
    means = moments.map(\.0)
    variances = moments.map(\.1)
    self.count = count
  }

  /// The moments that normalise the batch.
  func moments(epsilon: Float) -> BatchNormMoments {
    BatchNormMoments(means: means, variances: variances, epsilon: epsilon)
  }

  /// The running mean and variance `[C]` after this batch: `(1 - momentum) * old + momentum * new`,
  /// with the unbiased variance, as PyTorch keeps them.
  func updated(
    mean: Tensor, variance: Tensor, momentum: Double = 0.1
  ) -> (mean: Tensor, variance: Tensor) {
    let unbiased = Double(count) / Double(max(1, count - 1))
    func blend(_ old: Tensor, _ new: [Double]) -> Tensor {
      Tensor(
        shape: old.shape,
        elements: zip(old.elements, new).map {
          Float((1 - momentum) * Double($0) + momentum * $1)
        })
    }
    return (blend(mean, means), blend(variance, variances.map { $0 * unbiased }))
  }
}

/// What a batch normalisation subtracts and multiplies with in training, one value for each channel.
struct BatchNormMoments: Sendable {
  /// Mean over batch, rows and columns, or the running mean.
  let means: [Double]
  /// `1 / sqrt(variance + epsilon)`.
  let inverseDeviations: [Double]
  /// Whether they were measured on the batch, and therefore depend on the input.
  let areOfBatch: Bool

  /// The running statistics `[C]`, for the frozen form.
  init(runningMean: Tensor, runningVariance: Tensor, epsilon: Float) {
    means = runningMean.elements.map(Double.init)
    inverseDeviations = runningVariance.elements.map {
      1 / (Double($0) + Double(epsilon)).squareRoot()
    }
    areOfBatch = false
  }

  fileprivate init(means: [Double], variances: [Double], epsilon: Float) {
    self.means = means
    inverseDeviations = variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    areOfBatch = true
  }

  /// `(input - mean) * inverseDeviation * weight + bias` for each channel; input and result
  /// `[N, C, H, W]`, weight and bias `[C]` (arXiv 1502.03167, algorithm 1).
  func normalize(_ input: Tensor, weight: Tensor, bias: Tensor, threads: Int) -> Tensor {
    let plane = input.shape[2] * input.shape[3]
    let (weights, biases) = (weight.elements, bias.elements)
    return input.mappingPlanes(to: input.planeExtent, threads: threads) { source, target, channel in
      let factor = Float(Double(weights[channel]) * inverseDeviations[channel])
      let (mean, bias) = (Float(means[channel]), biases[channel])
      for index in 0..<plane { target[index] = (source[index] - mean) * factor + bias }
    }
  }
}
