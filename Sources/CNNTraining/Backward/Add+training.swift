internal import CNNCore

/// Each term has the slope 1, so the gradient of the sum is that of every input.
extension Add: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Void> {
    LayerForward(output: run(inputs, threads: context.threads), saved: ())
  }

  func backward(
    _ saved: Void, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let gradient = outputGradient
    return LayerGradients(inputs: context.node.passesGradient.map { $0 ? gradient : nil })
  }
}
