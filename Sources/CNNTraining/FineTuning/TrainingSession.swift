package import CNNSystem

/// One process's part of a training: from where its state stands to the end, or to where it is
/// stopped. What happens is put into a store on the way.
///
/// An epoch is stored in this order: its record, the best model, the state that refers to it. So
/// whatever a crash loses in between is done again by the next process.
package struct TrainingSession {
  private let loop: TrainingLoop
  private let store: any TrainingStore
  private let timeBudget: Double?
  private let report: (FineTuningEvent) -> Void
  private let start: ContinuousClock.Instant
  /// Seconds that earlier processes took.
  private let earlierSeconds: Double
  private var state: TrainingState
  private var records: [LogRecord]
  /// What the last epoch took, if this process saw it.
  private var epochSeconds: Double?
  /// How far the state in the store is.
  private var saved: TrainingProgress?

  /// A session that has not begun.
  ///
  /// - Parameters:
  ///   - loop: makes the steps.
  ///   - state: where the training stands.
  ///   - isSaved: whether the store has this state already.
  ///   - records: the lines of the log up to there.
  ///   - store: where the training is stored.
  ///   - timeBudget: seconds for all processes together; nil for any number.
  ///   - start: when this process began with the training.
  ///   - report: receives what happens.
  package init(
    _ loop: TrainingLoop, from state: TrainingState, isSaved: Bool, records: [LogRecord],
    store: any TrainingStore, timeBudget: Double?, since start: ContinuousClock.Instant,
    report: @escaping (FineTuningEvent) -> Void
  ) {
    self.loop = loop
    self.state = state
    self.records = records
    self.store = store
    self.timeBudget = timeBudget
    self.start = start
    self.report = report
    earlierSeconds = records.last?.seconds ?? 0
    saved = isSaved ? state.progress : nil
  }

  /// Trains. Where it is asked to stop, it does so after the state was stored.
  package mutating func run(_ shouldStop: () -> Bool) throws(CNNError) -> FineTuningResult {
    report(.starting(beginning))
    do throws(CNNError) {
      while state.progress.end == nil {
        if isOutOfTime { return try finish(.outOfTime, shouldStop) }
        let (began, isWhole) = (seconds, state.progress.stepInEpoch == 0)
        try trainEpoch(shouldStop)
        try finishEpoch(shouldStop)
        if isWhole { epochSeconds = seconds - began }
      }
      return try finish(.finished(state.progress.end?.rawValue ?? ""), shouldStop)
    } catch {
      guard error.code == .stopped else { throw error }
      try save()
      return result(.stopped)
    }
  }

  // MARK: Time

  /// Time the training has taken so far, in seconds.
  private var seconds: Double {
    let parts = (ContinuousClock.now - start).components
    return earlierSeconds + Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  /// Whether the time is too short for the rest of the epoch, if that lasts as long as the same part
  /// of the last one. The first epoch is always done: without it there would be no result.
  private var isOutOfTime: Bool {
    guard let timeBudget, let epoch = epochSeconds ?? recordedSecondsOfLastEpoch else {
      return false
    }
    let share = Double(loop.stepsPerEpoch - state.progress.stepInEpoch)
    return seconds + epoch * share / Double(loop.stepsPerEpoch) > timeBudget
  }

  /// What the last whole epoch took, its validation and checkpoint included, by the log; nil before
  /// the first. When the first one began is not in the log: it counts from its first step.
  private var recordedSecondsOfLastEpoch: Double? {
    guard let end = records.lastIndex(where: { $0.kind == .epoch }) else { return nil }
    let before =
      records[..<end].last { $0.epoch < records[end].epoch }
      ?? records[..<end].first
    return before.map { records[end].seconds - $0.seconds }
  }

  // MARK: An epoch

  /// The rest of the epoch's steps. Throws `stopped` between two of them.
  private mutating func trainEpoch(_ shouldStop: () -> Bool) throws(CNNError) {
    let order = loop.order(epoch: state.progress.epoch)
    while state.progress.stepInEpoch < loop.stepsPerEpoch {
      if shouldStop() { throw .stopped }
      let result = try loop.step(&state, order: order)
      let progress = state.progress
      try append(
        LogRecord(
          step: progress.step, epoch: progress.epoch + 1, kind: .step, loss: result.loss,
          accuracy: Double(result.correct) / Double(result.count),
          learningRate: result.learningRate, gradientNorm: result.gradientNorm, seconds: seconds))
      report(
        .step(
          FineTuningEvent.Step(
            epoch: progress.epoch + 1, epochs: loop.settings.epochs, step: progress.stepInEpoch,
            steps: loop.stepsPerEpoch, loss: progress.metrics.loss,
            accuracy: progress.metrics.accuracy, learningRate: result.learningRate)))
    }
  }

  /// Validates, and stores the epoch.
  private mutating func finishEpoch(_ shouldStop: () -> Bool) throws(CNNError) {
    let metrics = state.progress.metrics
    let learningRate = loop.lastRate(state.progress)
    let validation = try validate(state.parameters, shouldStop)
    let best = state.progress.best
    loop.finishEpoch(&state, validation)
    let epoch = state.progress.epoch
    let record = LogRecord(
      step: state.progress.step, epoch: epoch, kind: .epoch, loss: metrics.loss,
      accuracy: metrics.accuracy, validationLoss: validation.logLoss,
      validationAccuracy: validation.accuracy, learningRate: learningRate,
      gradientNorm: meanGradientNorm(epoch: epoch), seconds: seconds)
    try append(record)
    let isBest = state.progress.best != best
    if isBest { try store.saveBest(state) }
    try save()
    report(.epoch(record, isBest: isBest))
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

  /// From the log's lines, which a training that was resumed has too.
  private func meanGradientNorm(epoch: Int) -> Double? {
    let norms = records.reversed().prefix { $0.kind == .step && $0.epoch == epoch }
      .compactMap(\.gradientNorm)
    return norms.isEmpty ? nil : norms.reduce(0, +) / Double(norms.count)
  }

  // MARK: What is stored

  private mutating func append(_ record: LogRecord) throws(CNNError) {
    records.append(record)
    try store.append(records)
  }

  private mutating func save() throws(CNNError) {
    guard state.progress != saved else { return }
    try store.saveLast(state)
    saved = state.progress
  }

  /// The best epoch is validated once more, for the figures of the result.
  private func finish(
    _ outcome: FineTuningResult.Outcome, _ shouldStop: () -> Bool
  ) throws(CNNError) -> FineTuningResult {
    let parameters = try store.bestParameters(replacing: state.parameters)
    let evaluation = try validate(parameters, shouldStop)
    let summary = EvaluationSummary(evaluation)
    try store.finish(
      TrainingEnd(
        progress: state.progress, evaluation: evaluation, summary: summary, records: records,
        seconds: seconds))
    return result(outcome, summary)
  }

  private func result(
    _ outcome: FineTuningResult.Outcome, _ validation: EvaluationSummary? = nil
  ) -> FineTuningResult {
    FineTuningResult(
      outcome: outcome, steps: state.progress.step, bestEpoch: state.progress.best?.epoch,
      validation: validation, seconds: seconds)
  }

  private var beginning: FineTuningEvent.Start {
    FineTuningEvent.Start(
      epoch: state.progress.epoch, step: state.progress.step, epochs: loop.settings.epochs,
      stepsPerEpoch: loop.stepsPerEpoch, trainedParameters: loop.trainedParameterCount,
      isFinished: state.progress.end != nil)
  }
}
