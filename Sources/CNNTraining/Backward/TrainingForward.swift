public import CNNCore

/// The result of a forward pass in training, with what the backward pass needs of it.
public struct TrainingForward: Sendable {
  /// The output of the last node, `[N, classes]`.
  public let logits: Tensor
  /// The running mean and variance of each batch normalisation that measured the batch, as they
  /// are after it; by parameter name.
  public let statistics: [String: Tensor]
  /// What each step kept, in the order of the steps.
  let kept: [KeptActivations]
}

/// What the backward pass of one layer needs of its forward pass, and no more.
enum KeptActivations: Sendable {
  /// Shapes are enough, or no gradient comes here.
  case none
  /// What the layer read.
  case input(Tensor)
  /// What the layer made.
  case output(Tensor)
  /// What a batch normalisation read, and the moments it used.
  case normalized(input: Tensor, BatchNormMoments)
  /// The mask.
  case dropout(Dropout)
}

extension TrainingPass {
  /// Computes the logits in training mode: dropout drops, trained batch normalisations use the
  /// statistics of the batch.
  ///
  /// - Parameters:
  ///   - input: outputs of the node `input`, `[N]` and its shape.
  ///   - parameters: those of `nodes`.
  ///   - randomness: seed and step.
  /// - Returns: the logits, and what `backward` needs. Nothing is changed: new running statistics
  ///   are returned, to be taken over if the step is good.
  public func forward(
    _ input: Tensor, parameters: TrainingParameters, randomness: TrainingRandomness
  ) -> TrainingForward {
    var values = [self.input: input]
    var kept: [KeptActivations] = []
    var statistics: [String: Tensor] = [:]
    for step in steps {
      let inputs = step.takeInputs(from: &values)
      let run = StepRun(
        step: step, parameters: parameters, randomness: randomness, threads: threads)
      let result = run.forward(inputs)
      kept.append(step.isBackward ? result.kept : .none)
      statistics.merge(result.statistics) { _, new in new }
      values[step.node.name] = result.output
    }
    guard let logits = values[output] else { preconditionFailure("the logits come last") }
    return TrainingForward(logits: logits, statistics: statistics, kept: kept)
  }
}

extension TrainingStep {
  /// The inputs, taken out of `values` where nobody reads them later.
  fileprivate func takeInputs(from values: inout [String: Tensor]) -> [Tensor] {
    node.inputs.map { name in
      let value = lastReads.contains(name) ? values.removeValue(forKey: name) : values[name]
      // A node may read the same result twice.
      guard let value = value ?? values[name] else { preconditionFailure("\(name) is gone") }
      return value
    }
  }
}
