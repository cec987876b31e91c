package import CNNCore
package import CNNSystem

/// The steps of a run and its validations, as functions of the state they change: no clock, no
/// file, no random generator.
package struct TrainingLoop: Sendable {
  /// What a step has shown.
  package struct StepResult: Sendable {
    /// Mean loss of the batch.
    package let loss: Double
    /// Pictures of the batch.
    package let count: Int
    /// Those the network was right about.
    package let correct: Int
    package let learningRate: Double
    /// Before clipping.
    package let gradientNorm: Double
  }

  package let settings: FineTuningSettings
  package let data: DataSplit
  package let training: TrainingInputs
  package let validation: TrainingInputs
  private let pass: TrainingPass
  /// The same part of the network as it will be used: running statistics, nothing dropped.
  private let evaluationPass: TrainingPass
  private let loss: SoftmaxCrossEntropy

  /// Pictures of a validation that are computed at once; it changes no bit.
  private static let validationBatchSize = 64

  /// - Throws: a `usage` error where class weights do not fit the classes.
  package init(
    _ network: TransferredNetwork, data: DataSplit, settings: FineTuningSettings,
    training: TrainingInputs, validation: TrainingInputs, threads: Int
  ) throws(CNNError) {
    self.settings = settings
    self.data = data
    self.training = training
    self.validation = validation
    pass = TrainingPass(
      network: network.network, features: network.features, frozen: network.frozen,
      statistics: settings.normStatistics, threads: threads)
    evaluationPass = TrainingPass(
      network: network.network, features: network.features,
      frozen: Set(network.network.nodes.map(\.name)), threads: threads)
    loss = SoftmaxCrossEntropy(
      labelSmoothing: settings.labelSmoothing,
      classWeights: try settings.classWeighting.weights(for: data.training))
  }

  /// Steps of one epoch; the last one has the remaining pictures.
  package var stepsPerEpoch: Int {
    (data.training.count - 1) / settings.batchSize + 1
  }

  /// The state before the first step.
  package func initialState(_ parameters: Parameters) -> TrainingState {
    let parameters = TrainingParameters(parameters, of: pass.nodes)
    return TrainingState(
      progress: TrainingProgress(), parameters: parameters,
      optimizer: OptimizerState(
        settings.optimizer, for: pass.trainedParameters, of: parameters))
  }

  /// Parameters that are trained.
  package var trainedParameterCount: Int { pass.trainedParameters.reduce(0) { $0 + $1.count } }

  /// The learning rate of step `step` in the epoch of `progress`.
  private func rate(_ progress: TrainingProgress, step: Int) -> Double {
    let (totalSteps, overflows) = settings.epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    return settings.schedule.rate(
      step: step, stepsPerEpoch: stepsPerEpoch, totalSteps: overflows ? .max : totalSteps,
      state: progress.schedule)
  }

  /// The learning rate of the epoch's step that was done last.
  package func lastRate(_ progress: TrainingProgress) -> Double {
    rate(progress, step: progress.step - 1)
  }

  /// The order of the training pictures in an epoch.
  package func order(epoch: Int) -> [Int] {
    RandomNumbers(seed: settings.seed, purpose: .order, epoch)
      .permutation(of: data.training.count)
  }

  /// Makes the next step.
  ///
  /// - Parameter order: that of the running epoch.
  /// - Throws: what the pictures throw; `notFinite` before the update where the loss or a gradient
  ///   is NaN or infinite. Then `state` is as it was.
  package func step(_ state: inout TrainingState, order: [Int]) throws(CNNError) -> StepResult {
    let progress = state.progress
    let start = progress.stepInEpoch * settings.batchSize
    let pictures = Array(order[start..<min(start + settings.batchSize, order.count)])
    let labels = pictures.map { data.training.pictures[$0].classIndex }
    let randomness = TrainingRandomness(seed: settings.seed, step: progress.step)
    let forward = pass.forward(
      try training.batch(pictures, epoch: progress.epoch), parameters: state.parameters,
      randomness: randomness)
    let logits = forward.logits
    let loss = loss(logits, labels: labels)
    let statistics = forward.statistics
    let gradients = pass.backward(
      forward, logitsGradient: loss.logitsGradient, parameters: state.parameters,
      randomness: randomness)
    guard loss.mean.isFinite, gradients.areFinite else {
      throw notFinite(loss: loss.mean, progress, suspects(pictures, logits))
    }
    let rate = rate(progress, step: progress.step)
    let norm = settings.optimizer.step(
      &state.parameters, gradients, &state.optimizer, rate: rate,
      clippingNorm: settings.clippingNorm, threads: pass.threads)
    for (name, values) in statistics {
      state.parameters.replace(name, with: ParameterArray(values))
    }
    state.progress.metrics.add(
      meanLoss: loss.mean, correct: loss.correct, count: pictures.count, weight: loss.weight)
    state.progress.stepInEpoch += 1
    state.progress.step += 1
    return StepResult(
      loss: loss.mean, count: pictures.count, correct: loss.correct, learningRate: rate,
      gradientNorm: norm)
  }

  /// The network on all validation pictures.
  ///
  /// - Parameter report: receives the number of pictures of each batch, and may throw to stop.
  package func validate(
    _ parameters: TrainingParameters, _ report: (Int) throws(CNNError) -> Void
  ) throws(CNNError) -> Evaluation {
    var evaluation = Evaluation(classNames: data.validation.classNames)
    let pictures = data.validation.pictures
    let randomness = TrainingRandomness(seed: settings.seed, step: 0, drops: false)
    for start in stride(from: 0, to: pictures.count, by: Self.validationBatchSize) {
      let batch = Array(start..<min(start + Self.validationBatchSize, pictures.count))
      let forward = evaluationPass.forward(
        try validation.batch(batch, epoch: nil), parameters: parameters, randomness: randomness)
      evaluation.add(Softmax()(forward.logits), of: batch.map { pictures[$0] })
      try report(batch.count)
    }
    return evaluation
  }

  /// Ends the epoch: what its validation means for the schedule, the best epoch and the run.
  package func finishEpoch(_ state: inout TrainingState, _ evaluation: Evaluation) {
    var progress = state.progress
    progress.epoch += 1
    progress.stepInEpoch = 0
    progress.metrics = RunningMetrics()
    let result = TrainingProgress.Best(
      epoch: progress.epoch, validationLoss: evaluation.logLoss,
      validationAccuracy: evaluation.accuracy)
    if progress.best.map(result.isBetter) ?? true { progress.best = result }
    settings.schedule.finishEpoch(
      loss: result.validationLoss, accuracy: result.validationAccuracy,
      state: &progress.schedule)
    if let target = settings.targetAccuracy, result.validationAccuracy >= target {
      progress.end = .targetReached
    } else if progress.epoch >= settings.epochs {
      progress.end = .allEpochs
    } else if let patience = settings.patience, progress.epochsWithoutImprovement > patience {
      progress.end = .noImprovement
    }
    state.progress = progress
  }

  /// The pictures whose logits are not finite; all where there are none.
  private func suspects(_ pictures: [Int], _ logits: Tensor) -> [Int] {
    let bad = zip(pictures, logits.rows).filter { !$1.elements.allSatisfy(\.isFinite) }.map(\.0)
    return bad.isEmpty ? pictures : bad
  }

  private func notFinite(
    loss: Double, _ progress: TrainingProgress, _ pictures: [Int]
  ) -> CNNError {
    CNNError(
      .data, .notFinite,
      "the training has left the finite numbers in step \(progress.step + 1), "
        + "epoch \(progress.epoch + 1); the weights were not changed by it",
      found: loss.isFinite ? "loss \(loss), a gradient that is no number" : "loss \(loss)",
      remedy: "Lower the learning rate, or clip the gradient's norm",
      details: CNNError.details(of: pictures.map { data.training.pictures[$0].source.name }))
  }
}
