public import CNNCore

/// The gradients of the trained parameters, in the order of the nodes.
public struct ParameterGradients: Sendable {
  /// Name and gradient of each trained parameter.
  public var entries: [(name: String, gradient: ParameterGradient)]
}

extension TrainingPass {
  /// The gradients of the trained parameters; nothing is computed below the first of them.
  ///
  /// - Parameters:
  ///   - forward: the result of `forward`, given up so that its memory is freed on the way.
  ///   - logitsGradient: the gradient of the loss, `[N, classes]`.
  ///   - parameters: those of the forward pass.
  ///   - randomness: that of the forward pass.
  public func backward(
    _ forward: consuming TrainingForward, logitsGradient: Tensor,
    parameters: TrainingParameters, randomness: TrainingRandomness
  ) -> ParameterGradients {
    var kept = forward.kept
    var gradients = [output: logitsGradient]
    var result: [[(name: String, gradient: ParameterGradient)]] = []
    for step in steps.reversed() {
      let activations = kept.removeLast()
      guard step.isBackward, let gradient = gradients.removeValue(forKey: step.node.name) else {
        continue
      }
      let run = StepRun(
        step: step, parameters: parameters, randomness: randomness, threads: threads)
      let found = run.backward(activations, gradient)
      result.append(found.parameters)
      for (name, gradient) in zip(step.node.inputs, found.inputs) {
        guard let gradient else { continue }
        // A result that several nodes read has the sum of their gradients.
        gradients[name] =
          gradients.removeValue(forKey: name)
          .map { add($0, gradient, threads: threads) } ?? gradient
      }
    }
    return ParameterGradients(entries: result.reversed().flatMap(\.self))
  }
}
