internal import CNNCore
internal import CNNSystem

/// Saves the input, which is one of the two factors of the weight's gradient.
extension Linear: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let (input, threads) = (inputs[0], context.threads)
    let (weight, bias) = (context.linearWeight, context.parameter("bias"))
    if let mask = context.node.dropout.flatMap(context.randomness.dropout),
      MaskedLinearForward.isFaster(weight, mask, kernels: context.kernels)
    {
      let layer = MaskedLinearForward(weight, mask, kernels: context.kernels)
      return LayerForward(
        output: layer.forward(input, bias: bias, threads: threads), saved: input)
    }
    return LayerForward(
      output: weight.forward(input, bias: bias, threads: threads), saved: input)
  }

  func backward(
    _ input: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let (gradient, threads) = (outputGradient, context.threads)
    var gradients = LayerGradients(inputs: [nil])
    if context.node.isTrained {
      gradients.parameters = [
        (
          context.name("weight"),
          .outerProduct(OuterProduct(outputs: gradient, inputs: input))
        ),
        (context.name("bias"), .dense(biasGradient(gradient, threads: threads))),
      ]
    }
    if context.node.passesGradient[0] {
      gradients.inputs[0] = context.linearWeight.inputGradient(
        gradient, kernels: context.kernels, threads: threads)
    }
    return gradients
  }
}

extension LayerContext {
  /// The weight of a linear node.
  fileprivate var linearWeight: LinearWeight {
    LinearWeight(values: parameter("weight"), layout: parameters.layout(name("weight")))
  }
}

/// The gradient of a bias: the gradient of the result, `[N, C, H, W]` or `[N, C]`, summed over
/// everything but its channels. In double precision, in the order of memory.
func biasGradient(_ outputGradient: Tensor, threads: Int) -> Tensor {
  let (count, channels) = (outputGradient.shape[0], outputGradient.shape[1])
  let plane = outputGradient.shape[2...].reduce(1, *)
  let sums = Workers.map(count: channels, threads: threads) { channel in
    outputGradient.withUnsafeElements { elements in
      var sum = 0.0
      for picture in 0..<count {
        let begin = (picture * channels + channel) * plane
        for index in begin..<begin + plane { sum += Double(elements[index]) }
      }
      return Float(sum)
    }
  }
  return Tensor(shape: [channels], elements: sums)
}
