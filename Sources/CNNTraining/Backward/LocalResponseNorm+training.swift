internal import CNNCore
internal import CNNPlatform
internal import CNNSystem

/// Saves the input.
extension LocalResponseNorm: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let input = inputs[0]
    return LayerForward(output: self(input, threads: context.threads), saved: input)
  }

  func backward(
    _ input: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let gradient = inputGradient(
      input: input, outputGradient: outputGradient, threads: context.threads)
    return LayerGradients(inputs: [gradient])
  }

  /// The gradient of the input of a local response normalisation; all `[N, C, H, W]`.
  ///
  /// With `s[c] = k + alpha * sum of x[c']^2` over the neighbours c' of c and `y[c] = x[c] s[c]^-beta`:
  ///
  ///     dx[c] = dy[c] s[c]^-beta - 2 alpha beta x[c] * sum over c' of dy[c'] x[c'] s[c']^(-beta-1)
  ///
  /// because x[c] is a term of the sum of each neighbour c'.
  func inputGradient(input: Tensor, outputGradient: Tensor, threads: Int) -> Tensor {
    let (count, channels) = (input.shape[0], input.shape[1])
    let plane = input.shape[2] * input.shape[3]
    let size = channels * plane
    // Positions are independent; a chunk of them is the unit of work.
    let chunk = 256
    let chunks = (plane + chunk - 1) / chunk
    return Tensor(uninitialized: input.shape) { elements in
      // Each chunk is written by one thread, and all threads end before the result is read.
      nonisolated(unsafe) let target = elements
      Workers.forEach(count: count * chunks, threads: threads) { unit in
        let (picture, number) = unit.quotientAndRemainder(dividingBy: chunks)
        let positions = (number * chunk)..<min(plane, (number + 1) * chunk)
        input.withUnsafeElements { input in
          outputGradient.withUnsafeElements { gradient in
            guard let input = input.baseAddress, let gradient = gradient.baseAddress,
              let target = target.baseAddress
            else { return }
            let offset = picture * size + positions.lowerBound
            ResponsePositions(
              channels: channels, plane: plane, count: positions.count, settings: self,
              input: input + offset, gradient: gradient + offset
            ).write(to: target + offset)
          }
        }
      }
    }
  }
}

/// Some positions of one picture: element `[c, i]` of input and gradient lies at `c * plane + i`.
private struct ResponsePositions {
  let channels: Int
  let plane: Int
  let count: Int
  let settings: LocalResponseNorm
  let input: UnsafePointer<Float>
  let gradient: UnsafePointer<Float>

  private func neighbours(of channel: Int) -> ClosedRange<Int> {
    max(0, channel - settings.radius)...min(channels - 1, channel + settings.radius)
  }

  func write(to target: UnsafeMutablePointer<Float>) {
    let (alpha, beta) = (Double(settings.alpha), Double(settings.beta))
    // dy s^-beta and dy x s^(-beta-1), `[C, count]`.
    var direct = [Double](repeating: 0, count: channels * count)
    var crossed = direct
    for channel in 0..<channels {
      for position in 0..<count {
        var sum = 0.0
        for neighbour in neighbours(of: channel) {
          let value = Double(input[neighbour * plane + position])
          sum += value * value
        }
        let scale = Double(settings.bias) + alpha * sum
        let index = channel * plane + position
        let slope = Double(gradient[index]) * pow(scale, -beta)
        direct[channel * count + position] = slope
        crossed[channel * count + position] = slope * Double(input[index]) / scale
      }
    }
    for channel in 0..<channels {
      for position in 0..<count {
        var sum = 0.0
        for neighbour in neighbours(of: channel) { sum += crossed[neighbour * count + position] }
        let index = channel * plane + position
        target[index] = Float(
          direct[channel * count + position] - 2 * alpha * beta * Double(input[index]) * sum)
      }
    }
  }
}
