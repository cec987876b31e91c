package import CNNSystem

/// Normalisation of each channel, by running statistics at inference and in training by those of
/// the batch (arXiv 1502.03167).
package struct BatchNorm: LayerKind {
  /// Added to the variance, against division by zero.
  package let epsilon: Float

  /// A normalisation from its setting.
  package init(epsilon: Float) { self.epsilon = epsilon }

  package static let name = "batchNorm"
  package var layer: Layer { .batchNorm(epsilon: epsilon) }
  package var summary: String { "BatchNorm" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(epsilon: try settings.number("epsilon", in: 0...))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(epsilon, "epsilon")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireMap(inputs[0])
    return inputs[0]
  }

  package func parameters(input: [Int]) -> [LayerParameter] {
    let shape = [input[0]]
    return [
      LayerParameter("weight", shape, .weight), LayerParameter("bias", shape, .bias),
      LayerParameter("running_mean", shape, .statistic),
      LayerParameter("running_var", shape, .statistic),
    ]
  }

  package func operation(_ parameter: (String) -> ParameterArray) -> any LayerOperation {
    BatchNormParameters(parameter, epsilon: epsilon)
  }
}

/// A batch normalisation by running statistics, with its parameters, all `[C]`: input and result
/// `[N, C, H, W]`.
///
///     result[c] = (input[c] - mean[c]) / sqrt(variance[c] + epsilon) * weight[c] + bias[c]
///
/// at each position (arXiv 1502.03167, algorithm 2).
package struct BatchNormParameters: LayerOperation {
  /// Factor of each channel (gamma).
  package let weight: Tensor
  /// Constant added to each channel (beta).
  package let bias: Tensor
  /// Mean of each channel over the training set.
  package let runningMean: Tensor
  /// Variance of each channel over the training set.
  package let runningVariance: Tensor
  /// Added to the variance, against division by zero.
  package let epsilon: Float

  /// Parameters of as many channels as `weight` has elements. Precondition: equal shapes `[C]`.
  package init(
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

  /// The parameters of a node, by their suffixes.
  package init(_ parameter: (String) -> ParameterArray, epsilon: Float) {
    self.init(
      weight: parameter("weight").tensor(), bias: parameter("bias").tensor(),
      runningMean: parameter("running_mean").tensor(),
      runningVariance: parameter("running_var").tensor(), epsilon: epsilon)
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    self(inputs[0], threads: threads)
  }

  /// The result for one batch.
  package func callAsFunction(_ input: Tensor, threads: Int = 1) -> Tensor {
    let extent = input.planeExtent
    precondition(input.shape[1] == weight.count, "the parameters are [C]")
    let factors = factors.map { Float($0) }
    let (means, biases) = (runningMean.elements, bias.elements)
    return input.mappingPlanes(to: extent, threads: threads) { source, target, channel in
      let (factor, mean, bias) = (factors[channel], means[channel], biases[channel])
      for index in 0..<extent.height * extent.width {
        target[index] = (source[index] - mean) * factor + bias
      }
    }
  }

  // MARK: Folding into the convolution before it

  /// The factor that multiplies `input - mean`, for each channel.
  var factors: [Double] {
    zip(weight.elements, runningVariance.elements).map { weight, variance in
      Double(weight) / (Double(variance) + Double(epsilon)).squareRoot()
    }
  }

  /// The bias `[O]` of a convolution with this normalisation folded in; `bias` is its own, or nil.
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

extension ConvolutionOperation {
  /// This convolution and the batch normalisation that follows it, as one convolution.
  ///
  /// Computed in double precision, so the fold costs one rounding per weight.
  package func folding(_ norm: BatchNormParameters) -> ConvolutionOperation {
    precondition(weight.shape[0] == norm.weight.count, "the parameters are [O]")
    let factors = norm.factors
    let size = weight.count / max(1, weight.shape[0])
    let folded = weight.elements.enumerated().map { index, value in
      Float(Double(value) * factors[index / size])
    }
    return ConvolutionOperation(
      weight: Tensor(shape: weight.shape, elements: folded), bias: norm.foldedBias(bias),
      window: window, groups: groups)
  }
}
