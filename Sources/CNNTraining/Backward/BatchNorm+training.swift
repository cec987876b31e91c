internal import CNNCore
internal import CNNSystem

/// A trained normalisation measures the batch, or uses the running statistics; a frozen one always
/// uses the running statistics. Saves the input and the moments that were used.
extension BatchNorm: TrainableLayer {
  struct Saved: Sendable {
    let input: Tensor
    let moments: BatchNormMoments
  }

  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Saved> {
    let input = inputs[0]
    let mean = context.parameter("running_mean")
    let variance = context.parameter("running_var")
    var statistics: [String: Tensor] = [:]
    let moments: BatchNormMoments
    if context.node.measuresBatch {
      let measured = BatchStatistics(of: input, threads: context.threads)
      moments = measured.moments(epsilon: epsilon)
      let updated = measured.updated(mean: mean, variance: variance)
      statistics[context.name("running_mean")] = updated.mean
      statistics[context.name("running_var")] = updated.variance
    } else {
      moments = BatchNormMoments(runningMean: mean, runningVariance: variance, epsilon: epsilon)
    }
    let output = moments.normalize(
      input, weight: context.parameter("weight"), bias: context.parameter("bias"),
      threads: context.threads)
    return LayerForward(
      output: output, saved: Saved(input: input, moments: moments), statistics: statistics)
  }

  func backward(
    _ saved: Saved, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let backward = BatchNormBackward(
      moments: saved.moments, input: saved.input, outputGradient: outputGradient,
      threads: context.threads)
    var gradients = LayerGradients(inputs: [nil])
    if context.node.isTrained {
      gradients.parameters = [
        (context.name("weight"), .dense(backward.weightGradient)),
        (context.name("bias"), .dense(backward.biasGradient)),
      ]
    }
    if context.node.passesGradient[0] {
      gradients.inputs[0] = backward.inputGradient(weight: context.parameter("weight"))
    }
    return gradients
  }
}

/// The gradients of a batch normalisation: input and gradients of maps `[N, C, H, W]`, of weight
/// and bias `[C]`.
///
/// With `u = (x - mean) / deviation` the gradients of the parameters are `dweight = sum of dy u`
/// and `dbias = sum of dy`. Mean and deviation of the batch depend on each x, which takes from the
/// gradient its own mean and its projection on u:
///
///     dx = weight / deviation * (dy - mean of dy - u * mean of dy u)
///
/// With running statistics both are constants and `dx = weight / deviation * dy`.
struct BatchNormBackward: Sendable {
  let moments: BatchNormMoments
  let input: Tensor
  let outputGradient: Tensor
  let threads: Int
  /// Sums of `dy` and `dy u` of each channel.
  private let sums: [(plain: Double, projected: Double)]

  init(moments: BatchNormMoments, input: Tensor, outputGradient: Tensor, threads: Int) {
    self.moments = moments
    self.input = input
    self.outputGradient = outputGradient
    self.threads = threads
    let (pictures, channels) = (input.shape[0], input.shape[1])
    let plane = input.shape[2] * input.shape[3]
    sums = Workers.map(count: channels, threads: threads) { channel in
      input.withUnsafeElements { input in
        outputGradient.withUnsafeElements { gradient in
          var (plain, projected) = (0.0, 0.0)
          for picture in 0..<pictures {
            let begin = (picture * channels + channel) * plane
            for index in begin..<begin + plane {
              plain += Double(gradient[index])
              projected +=
                Double(gradient[index]) * (Double(input[index]) - moments.means[channel])
            }
          }
          return (plain, projected * moments.inverseDeviations[channel])
        }
      }
    }
  }

  /// The gradient of the weight, `[C]`.
  var weightGradient: Tensor {
    Tensor(shape: [sums.count], elements: sums.map { Float($0.projected) })
  }

  /// The gradient of the bias, `[C]`.
  var biasGradient: Tensor {
    Tensor(shape: [sums.count], elements: sums.map { Float($0.plain) })
  }

  /// The gradient of the input, for a weight `[C]`.
  func inputGradient(weight: Tensor) -> Tensor {
    let (channels, plane) = (input.shape[1], input.shape[2] * input.shape[3])
    let count = moments.areOfBatch ? Double(input.shape[0] * plane) : .infinity
    let weights = weight.elements
    return Tensor(uninitialized: input.shape) { elements in
      // Each plane is written by one thread, and all threads end before the result is read.
      nonisolated(unsafe) let target = elements
      Workers.forEach(count: input.shape[0] * channels, threads: threads) { number in
        let channel = number % channels
        let inverse = moments.inverseDeviations[channel]
        let factor = Double(weights[channel]) * inverse
        // The two means vanish where the statistics are constants.
        let shift = sums[channel].plain / count
        let slope = sums[channel].projected / count * inverse
        let mean = moments.means[channel]
        input.withUnsafeElements { input in
          outputGradient.withUnsafeElements { gradient in
            for index in (number * plane)..<((number + 1) * plane) {
              let deviation = Double(input[index]) - mean
              target[index] = Float(
                factor * (Double(gradient[index]) - shift - deviation * slope))
            }
          }
        }
      }
    }
  }
}
