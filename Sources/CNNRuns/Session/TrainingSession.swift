internal import CNNCore
internal import CNNSystem
internal import CNNTraining

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
  /// What the last epoch took, if this process saw it.
  private var epochSeconds: Double?
  /// What the newest checkpoint knows.
  private var saved: TrainingProgress?

  /// Finds out where the run stands.
  ///
  /// - Throws: where there are checkpoints that cannot be read; `cannotWrite`.
  init(
    folder: RunFolder, manifest: RunManifest, loop: TrainingLoop, checkpoints: CheckpointFiles,
    initial: TrainingState, options: FineTuningOptions, since start: ContinuousClock.Instant,
    report: @escaping (FineTuningEvent) -> Void
  ) throws(CNNError) {
    let found = try checkpoints.newestState(replacing: initial)
    if found?.state.progress.best != nil { try checkpoints.requireBest() }
    if let warning = found?.warning { report(.warning(warning)) }
    let recorder = try RunRecorder(
      folder, resumingAfter: found?.state.progress, since: start)
    if found == nil {
      try recorder.begin(manifest, samples: RunSamples(loop, checkpoints.network).pictures)
    }
    self.folder = folder
    self.manifest = manifest
    self.loop = loop
    self.checkpoints = checkpoints
    self.options = options
    self.report = report
    self.recorder = recorder
    state = found?.state ?? initial
    saved = found?.state.progress
  }

  /// Trains on. Where it is asked to stop, it does so after a checkpoint.
  mutating func run(_ shouldStop: () -> Bool) throws(CNNError) -> FineTuningResult {
    report(.starting(start))
    do throws(CNNError) {
      while state.progress.end == nil {
        if isOutOfTime { return try finish(.outOfTime, shouldStop) }
        let (began, isWhole) = (recorder.seconds, state.progress.stepInEpoch == 0)
        try trainEpoch(shouldStop)
        try finishEpoch(shouldStop)
        if isWhole { epochSeconds = recorder.seconds - began }
      }
      return try finish(.finished(state.progress.end?.rawValue ?? ""), shouldStop)
    } catch {
      guard error.code == .stopped else { throw error }
      try save()
      return result(.stopped)
    }
  }

  /// Whether the time does not suffice for the rest of the epoch, if it takes as long as the same
  /// part of the last one; without any epoch there is nothing to stop with.
  private var isOutOfTime: Bool {
    guard let budget = options.timeBudget,
      let epoch = epochSeconds ?? recorder.secondsOfLastEpoch
    else {
      return false
    }
    let share = Double(loop.stepsPerEpoch - state.progress.stepInEpoch)
    return recorder.seconds + epoch * share / Double(loop.stepsPerEpoch) > budget
  }

  private mutating func save() throws(CNNError) {
    guard state.progress != saved else { return }
    try checkpoints.saveLast(state)
    saved = state.progress
  }

  /// The rest of the epoch's steps. Throws `stopped` between two of them.
  private mutating func trainEpoch(_ shouldStop: () -> Bool) throws(CNNError) {
    let order = loop.order(epoch: state.progress.epoch)
    while state.progress.stepInEpoch < loop.stepsPerEpoch {
      if shouldStop() { throw .stopped }
      let result = try loop.step(&state, order: order)
      let progress = state.progress
      try recorder.record(result, step: progress.step, epoch: progress.epoch + 1)
      report(
        .step(
          FineTuningEvent.Step(
            epoch: progress.epoch + 1, epochs: loop.settings.epochs, step: progress.stepInEpoch,
            steps: loop.stepsPerEpoch, loss: progress.metrics.loss,
            accuracy: progress.metrics.accuracy, learningRate: result.learningRate)))
    }
  }

  /// Throws `stopped` between two batches.
  private func validate(
    _ parameters: TrainingParameters, _ shouldStop: () -> Bool
  ) throws(CNNError) -> Evaluation {
    var done = 0
    return try loop.validate(parameters) { (count) throws(CNNError) in
      done += count
      report(.validating(done: done, total: loop.data.validation.count))
      if shouldStop() { throw .stopped }
    }
  }

  /// Validates, and writes the epoch down: the best model before the checkpoint that knows of it,
  /// so that whatever comes in between is done again.
  private mutating func finishEpoch(_ shouldStop: () -> Bool) throws(CNNError) {
    let metrics = state.progress.metrics
    let learningRate = loop.lastRate(state.progress)
    let validation = try validate(state.parameters, shouldStop)
    let best = state.progress.best
    loop.finishEpoch(&state, validation)
    let record = try recorder.record(
      epoch: state.progress.epoch, step: state.progress.step, metrics, validation,
      learningRate: learningRate)
    let isBest = state.progress.best != best
    if isBest { try checkpoints.saveBest(state) }
    try save()
    report(.epoch(record, isBest: isBest))
  }

  /// The best epoch once more, for the report.
  private func finish(
    _ outcome: FineTuningResult.Outcome, _ shouldStop: () -> Bool
  ) throws(CNNError) -> FineTuningResult {
    let parameters = try checkpoints.bestParameters(replacing: state.parameters)
    let evaluation = try validate(parameters, shouldStop)
    let summary = EvaluationSummary(evaluation)
    try recorder.finish(
      RunReport(
        manifest: manifest, loop: loop, network: checkpoints.network, state: state.progress,
        evaluation: evaluation, worst: summary.worst, seconds: recorder.seconds
      ).page)
    return result(outcome, summary)
  }

  private func result(
    _ outcome: FineTuningResult.Outcome, _ validation: EvaluationSummary? = nil
  ) -> FineTuningResult {
    FineTuningResult(
      outcome: outcome, steps: state.progress.step, bestEpoch: state.progress.best?.epoch,
      validation: validation, seconds: recorder.seconds)
  }

  private var start: FineTuningEvent.Start {
    FineTuningEvent.Start(
      epoch: state.progress.epoch, step: state.progress.step, epochs: loop.settings.epochs,
      stepsPerEpoch: loop.stepsPerEpoch, trainedParameters: loop.trainedParameterCount,
      isFinished: state.progress.end != nil)
  }
}
