internal import CNNImage
internal import CNNSystem
internal import CNNTraining

/// Writes what a run shows of itself: `log.csv`, TensorBoard's events, plots and the report.
struct RunRecorder: ~Copyable {
  private let folder: RunFolder
  private let log: TrainingLog
  private let events: EventFile
  /// Seconds that earlier processes of the run took.
  private let earlierSeconds: Double
  private let start: ContinuousClock.Instant
  private var records: [LogRecord]

  /// Begins or goes on with the records of a run.
  ///
  /// - Parameters:
  ///   - progress: the checkpoint from which it goes on; nil for a new run.
  ///   - start: when this process began with the run.
  /// - Throws: `cannotWrite`; a `data` error where the log cannot be read.
  init(
    _ folder: RunFolder, resumingAfter progress: TrainingProgress?,
    since start: ContinuousClock.Instant
  ) throws(CNNError) {
    // Lines of later steps, and of an epoch that is not over, will be written again.
    let records =
      try progress.map { (progress) throws(CNNError) in
        try TrainingLog.records(in: folder.log).filter {
          $0.step <= progress.step && ($0.kind == .step || $0.epoch <= progress.epoch)
        }
      } ?? []
    let log = try TrainingLog(folder.log, keeping: records)
    if progress == nil {
      // Those of a process that was killed before its first checkpoint.
      try folder.clearEvents()
    }
    let events = try EventFile(in: folder.events, resumingAfter: progress?.step)
    self.folder = folder
    self.start = start
    self.records = records
    self.log = log
    self.events = events
    earlierSeconds = records.last?.seconds ?? 0
  }

  /// Time the run has taken so far, in seconds.
  var seconds: Double {
    let parts = (ContinuousClock.now - start).components
    return earlierSeconds + Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }

  /// What the last whole epoch took, its validation and checkpoint included, as the log tells; nil
  /// before the first. When the first one began is not in the log: it counts from its first step.
  var secondsOfLastEpoch: Double? {
    guard let end = records.lastIndex(where: { $0.kind == .epoch }) else { return nil }
    let before =
      records[..<end].last { $0.epoch < records[end].epoch }
      ?? records[..<end].first
    return before.map { records[end].seconds - $0.seconds }
  }

  /// What the run was started with, and some of its training pictures as the network sees them.
  func begin(
    _ manifest: RunManifest, samples: [(name: String, pixels: Pixels)]
  ) throws(CNNError) {
    let json = String(decoding: manifest.json, as: UTF8.self)
    try events.add("run", text: "```\n\(json)\n```", step: 0)
    for (name, pixels) in samples {
      try events.add(
        "samples/\(name)", png: pixels.png, width: pixels.width, height: pixels.height, step: 0)
    }
  }

  /// A step: its line and its events. Throws `cannotWrite`.
  mutating func record(
    _ result: TrainingLoop.StepResult, step: Int, epoch: Int
  ) throws(CNNError) {
    try append(
      LogRecord(
        step: step, epoch: epoch, kind: .step, loss: result.loss,
        accuracy: Double(result.correct) / Double(result.count),
        learningRate: result.learningRate, gradientNorm: result.gradientNorm, seconds: seconds))
  }

  /// An epoch: its line, its events, and the curves so far. Throws `cannotWrite`.
  mutating func record(
    epoch: Int, step: Int, _ metrics: RunningMetrics, _ validation: Evaluation,
    learningRate: Double
  ) throws(CNNError) -> LogRecord {
    let record = LogRecord(
      step: step, epoch: epoch, kind: .epoch, loss: metrics.loss, accuracy: metrics.accuracy,
      validationLoss: validation.logLoss, validationAccuracy: validation.accuracy,
      learningRate: learningRate, gradientNorm: meanGradientNorm(epoch: epoch), seconds: seconds)
    try append(record)
    try PlotFiles(in: folder.plots).writeCurves(of: records)
    return record
  }

  /// From the log's lines, which a resumed run has too.
  private func meanGradientNorm(epoch: Int) -> Double? {
    let norms = records.reversed().prefix { $0.kind == .step && $0.epoch == epoch }
      .compactMap(\.gradientNorm)
    return norms.isEmpty ? nil : norms.reduce(0, +) / Double(norms.count)
  }

  /// The confusion matrix and the report. Throws `cannotWrite`.
  func finish(_ report: ReportPage) throws(CNNError) {
    if let evaluation = report.evaluation {
      try PlotFiles(in: folder.plots).write(evaluation.confusion)
    }
    var report = report
    report.records = records
    try report.write(to: folder.report)
  }

  private mutating func append(_ record: LogRecord) throws(CNNError) {
    try log.append(record)
    records.append(record)
    for (name, number) in [
      ("loss", record.loss), ("accuracy", record.accuracy),
      ("validation_loss", record.validationLoss),
      ("validation_accuracy", record.validationAccuracy),
      ("learning_rate", record.learningRate), ("gradient_norm", record.gradientNorm),
    ] {
      guard let number else { continue }
      try events.add("\(record.kind.rawValue)/\(name)", number, step: record.step)
    }
  }
}
