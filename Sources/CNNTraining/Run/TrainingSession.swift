internal import CNNCore
internal import CNNSystem

/// One process's part of a run: from where the folder stands to the end of the run, or to where it
/// is stopped, with everything that is written on the way.
struct TrainingSession: ~Copyable {
  private let folder: RunFolder
  private let manifest: RunManifest
  private let loop: TrainingLoop
  private let checkpoints: CheckpointFiles
  private let options: FineTuningOptions
  private let report: (FineTuningEvent) -> Void
  private var state: TrainingState
  private var recorder: RunRecorder
  /// The learning rate of the step before.
  private var learningRate = 0.0

  /// Finds out where the run stands.
  ///
  /// - Throws: where there are checkpoints that cannot be read; `cannotWrite`.
  init(
    folder: RunFolder, manifest: RunManifest, loop: TrainingLoop, checkpoints: CheckpointFiles,
    initial: TrainingState, options: FineTuningOptions, since start: ContinuousClock.Instant,
    report: @escaping (FineTuningEvent) -> Void
  ) throws(CNNError) {
    let found = try checkpoints.newestState(replacing: initial)
    if let note = found?.note { report(.note(note)) }
    let recorder = try RunRecorder(
      folder, resumingAfter: found?.state.progress.step, since: start)
    if found == nil {
      try recorder.begin(manifest, samples: RunSamples(loop, checkpoints.network, options).pictures)
    }
    self.folder = folder
    self.manifest = manifest
    self.loop = loop
    self.checkpoints = checkpoints
    self.options = options
    self.report = report
    self.recorder = recorder
    state = found?.state ?? initial
  }

  /// Trains on.
  mutating func run(_ shouldStop: () -> Bool) throws(CNNError) -> FineTuningResult {
    report(.starting(start))
    while state.progress.end == nil {
      let began = recorder.seconds
      guard try trainEpoch(shouldStop) else { return result(.stopped) }
      try finishEpoch()
      let next = recorder.seconds + (recorder.seconds - began)
      if state.progress.end == nil, let budget = options.timeBudget, next > budget {
        return try finish(.outOfTime)
      }
    }
    return try finish(.finished(state.progress.end?.rawValue ?? ""))
  }

  /// The rest of the epoch's steps; false where it was stopped, after a checkpoint.
  private mutating func trainEpoch(_ shouldStop: () -> Bool) throws(CNNError) -> Bool {
    let order = loop.order(epoch: state.progress.epoch)
    while state.progress.stepInEpoch < loop.stepsPerEpoch {
      if shouldStop() {
        try checkpoints.saveLast(state)
        return false
      }
      let result = try loop.step(&state, order: order)
      learningRate = result.learningRate
      let progress = state.progress
      try recorder.record(result, step: progress.step, epoch: progress.epoch + 1)
      report(
        .step(
          FineTuningEvent.Step(
            epoch: progress.epoch + 1, epochs: loop.settings.epochs, step: progress.stepInEpoch,
            steps: loop.stepsPerEpoch, loss: progress.metrics.loss,
            accuracy: progress.metrics.accuracy, learningRate: result.learningRate)))
    }
    return true
  }

  /// Validates, and writes the epoch down: the best model before the checkpoint that knows of it,
  /// so that whatever comes in between is done again.
  private mutating func finishEpoch() throws(CNNError) {
    let metrics = state.progress.metrics
    let validation = try loop.validate(state.parameters)
    let best = state.progress.best
    loop.finishEpoch(&state, validation)
    let record = try recorder.record(
      epoch: state.progress.epoch, step: state.progress.step, metrics, validation,
      learningRate: learningRate)
    let isBest = state.progress.best != best
    if isBest { try checkpoints.saveBest(state) }
    try checkpoints.saveLast(state)
    report(.epoch(record, isBest: isBest))
  }

  /// The best epoch once more, for the report.
  private func finish(_ outcome: FineTuningResult.Outcome) throws(CNNError) -> FineTuningResult {
    let parameters = try checkpoints.bestParameters(replacing: state.parameters)
    let evaluation = try loop.validate(parameters)
    let summary = EvaluationSummary(evaluation)
    try recorder.finish(
      RunReport(
        manifest: manifest, loop: loop, network: checkpoints.network, state: state.progress,
        evaluation: evaluation, worst: summary.worst, seconds: recorder.seconds,
        decoding: options.decoding
      ).page)
    return result(outcome, summary)
  }

  private func result(
    _ outcome: FineTuningResult.Outcome, _ validation: EvaluationSummary? = nil
  ) -> FineTuningResult {
    FineTuningResult(
      outcome: outcome, bestEpoch: state.progress.best?.epoch, validation: validation,
      seconds: recorder.seconds)
  }

  private var start: FineTuningEvent.Start {
    FineTuningEvent.Start(
      epoch: state.progress.epoch, step: state.progress.step, epochs: loop.settings.epochs,
      stepsPerEpoch: loop.stepsPerEpoch, trainedParameters: loop.trainedParameterCount,
      isFinished: state.progress.end != nil)
  }
}
