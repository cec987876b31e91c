internal import CNNCore

/// Saves the input.
extension Convolution: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let input = inputs[0]
    let operation = ConvolutionOperation(
      weight: context.parameter("weight"), bias: hasBias ? context.parameter("bias") : nil,
      window: window, groups: groups)
    return LayerForward(output: operation(input, threads: context.threads), saved: input)
  }

  func backward(
    _ input: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let (gradient, threads) = (outputGradient, context.threads)
    let backward = ConvolutionBackward(window: window, groups: groups, threads: threads)
    let weight = context.parameter("weight")
    var gradients = LayerGradients(inputs: [nil])
    if context.node.isTrained {
      let weightGradient = backward.weightGradient(
        input: input, weight: weight.shape, outputGradient: gradient)
      gradients.parameters.append((context.name("weight"), .dense(weightGradient)))
      if hasBias {
        gradients.parameters.append(
          (context.name("bias"), .dense(biasGradient(gradient, threads: threads))))
      }
    }
    if context.node.passesGradient[0] {
      gradients.inputs[0] = backward.inputGradient(
        input: input.shape, weight: weight, outputGradient: gradient)
    }
    return gradients
  }
}
