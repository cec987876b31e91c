internal import CNNCore

extension StepRun {
  /// What the backward pass of one layer gives.
  struct Gradients {
    /// For each input of the node, or nil where nobody wants it.
    var inputs: [Tensor?] = []
    /// By parameter name.
    var parameters: [(name: String, gradient: ParameterGradient)] = []
  }

  /// The gradients of the layer's inputs and parameters from that of its output.
  func backward(_ kept: KeptActivations, _ outputGradient: consuming Tensor) -> Gradients {
    switch (step.node.layer, kept) {
    case (.add, _):
      // Each term has the slope 1.
      return Gradients(inputs: step.passesGradient.map { $0 ? outputGradient : nil })
    case (.concat, _):
      let count = outputGradient.shape[0]
      let parts = concatInputGradients(
        inputs: step.node.inputShapes.map { [count] + $0 }, outputGradient: outputGradient)
      return Gradients(inputs: zip(step.passesGradient, parts).map { $0 ? $1 : nil })
    case (.convolution(let settings), .input(let input)):
      return convolutionBackward(settings, input, outputGradient)
    case (.linear, .input(let input)):
      return linearBackward(input, outputGradient)
    case (.batchNorm, .normalized(let input, let moments)):
      return batchNormBackward(input, moments, outputGradient)
    default:
      return Gradients(inputs: [inputGradient(kept, outputGradient)])
    }
  }

  /// The layers without parameters and with one input.
  private func inputGradient(_ kept: KeptActivations, _ gradient: consuming Tensor) -> Tensor {
    let shape = [gradient.shape[0]] + step.node.inputShapes[0]
    switch (step.node.layer, kept) {
    case (.maxPool(let window), .input(let input)):
      return maxPoolInputGradient(input: input, outputGradient: gradient, window, threads: threads)
    case (.averagePool(let window), _):
      return meanPoolInputGradient(
        input: shape, outputGradient: gradient, PoolingCells(window, input: plane(of: shape)),
        threads: threads)
    case (.adaptiveAveragePool(let size), _):
      return meanPoolInputGradient(
        input: shape, outputGradient: gradient,
        PoolingCells(adaptive: size, input: plane(of: shape)), threads: threads)
    case (.globalAveragePool, _):
      return meanPoolInputGradient(
        input: shape, outputGradient: gradient,
        PoolingCells(adaptive: 1, input: plane(of: shape)), threads: threads)
    case (.localResponseNorm(let settings), .input(let input)):
      return localResponseNormInputGradient(
        input: input, outputGradient: gradient, settings, threads: threads)
    case (.relu, .output(let output)):
      return reluInputGradient(output: output, outputGradient: gradient, threads: threads)
    case (.dropout, .dropout(let dropout)):
      return dropout(gradient, threads: threads)
    case (.dropout, _):
      return gradient
    case (.flatten(let order), _):
      return flattenInputGradient(input: shape, outputGradient: gradient, order)
    case (.zeroPaddedShortcut(_, let stride), _):
      return zeroPaddedShortcutInputGradient(
        input: shape, outputGradient: gradient, stride: stride)
    case (.softmax, .output(let output)):
      return softmaxInputGradient(output: output, outputGradient: gradient)
    default:
      preconditionFailure("\(step.node.name) kept the wrong thing")
    }
  }

  private func plane(of shape: [Int]) -> Extent { Extent(height: shape[2], width: shape[3]) }

  private func convolutionBackward(
    _ settings: Convolution, _ input: Tensor, _ outputGradient: Tensor
  ) -> Gradients {
    let backward = ConvolutionBackward(
      window: settings.window, groups: settings.groups, threads: threads)
    let weight = parameter("weight")
    var gradients = Gradients(inputs: [nil])
    if step.isTrained {
      let gradient = backward.weightGradient(
        input: input, weight: weight.shape, outputGradient: outputGradient)
      gradients.parameters.append((name("weight"), .dense(gradient)))
      if settings.hasBias {
        let gradient = biasGradient(outputGradient, threads: threads)
        gradients.parameters.append((name("bias"), .dense(gradient)))
      }
    }
    if step.passesGradient[0] {
      gradients.inputs[0] = backward.inputGradient(
        input: input.shape, weight: weight, outputGradient: outputGradient)
    }
    return gradients
  }

  private func linearBackward(_ input: Tensor, _ outputGradient: Tensor) -> Gradients {
    var gradients = Gradients(inputs: [nil])
    if step.isTrained {
      gradients.parameters = [
        (
          name("weight"), .outerProduct(OuterProduct(outputs: outputGradient, inputs: input))
        ),
        (name("bias"), .dense(biasGradient(outputGradient, threads: threads))),
      ]
    }
    if step.passesGradient[0] {
      gradients.inputs[0] = parameters.linearWeight(name("weight"))
        .inputGradient(outputGradient, threads: threads)
    }
    return gradients
  }

  private func batchNormBackward(
    _ input: Tensor, _ moments: BatchNormMoments, _ outputGradient: Tensor
  ) -> Gradients {
    let backward = BatchNormBackward(
      moments: moments, input: input, outputGradient: outputGradient, threads: threads)
    var gradients = Gradients(inputs: [nil])
    if step.isTrained {
      gradients.parameters = [
        (name("weight"), .dense(backward.weightGradient)),
        (name("bias"), .dense(backward.biasGradient)),
      ]
    }
    if step.passesGradient[0] {
      gradients.inputs[0] = backward.inputGradient(weight: parameter("weight"))
    }
    return gradients
  }
}
