internal import CNNImage
internal import CNNSystem
internal import CNNTraining

/// Puts a training into the folder of a run: checkpoints, `log.csv`, TensorBoard's events, plots and
/// the page.
final class RunStore: TrainingStore {
  private let folder: RunFolder
  private let checkpoints: CheckpointFiles
  private let manifest: RunManifest
  private let loop: TrainingLoop
  private let log: TrainingLog
  private let events: EventFile

  /// Where a run stands.
  typealias Standing = (state: TrainingState, isSaved: Bool, records: [LogRecord])

  /// The store of a run, and where the run stands.
  ///
  /// - Parameters:
  ///   - checkpoints: those of the run's folder.
  ///   - manifest: what the run was started with.
  ///   - loop: the training.
  ///   - initial: the state before the first step.
  ///   - changes: what changes the training pictures at random.
  ///   - report: receives a warning where the newest checkpoint could not be used.
  /// - Throws: where there are checkpoints and none can be read; `cannotWrite`; a `data` error where
  ///   the log cannot be read.
  static func open(
    _ checkpoints: CheckpointFiles, _ manifest: RunManifest, _ loop: TrainingLoop,
    initial: TrainingState, changes: PictureChanges, report: (FineTuningEvent) -> Void
  ) throws(CNNError) -> (store: RunStore, standing: Standing) {
    let folder = checkpoints.folder
    let found = try checkpoints.newestState(replacing: initial)
    if found?.state.progress.best != nil { try checkpoints.requireBest() }
    if let warning = found?.warning { report(.warning(warning)) }
    let progress = found?.state.progress
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
    let store = RunStore(
      checkpoints, manifest, loop, log,
      try EventFile(in: folder.events, resumingAfter: progress?.step))
    if found == nil { try store.begin(changes) }
    return (store, (found?.state ?? initial, found != nil, records))
  }

  private init(
    _ checkpoints: CheckpointFiles, _ manifest: RunManifest, _ loop: TrainingLoop,
    _ log: consuming TrainingLog, _ events: consuming EventFile
  ) {
    folder = checkpoints.folder
    self.checkpoints = checkpoints
    self.manifest = manifest
    self.loop = loop
    self.log = log
    self.events = events
  }

  /// What the run was started with, and some of its training pictures.
  private func begin(_ changes: PictureChanges) throws(CNNError) {
    let json = String(decoding: manifest.json, as: UTF8.self)
    try events.add("run", text: "```\n\(json)\n```", step: 0)
    for (name, pixels) in samples(changes) {
      try events.add(
        "samples/\(name)", png: pixels.png, width: pixels.width, height: pixels.height, step: 0)
    }
  }

  /// Training pictures that are shown in TensorBoard.
  private static let sampleCount = 8

  /// The first training pictures after their random changes, each with its number and class. Those
  /// that cannot be decoded are left out: the training itself will say what is wrong with them.
  private func samples(_ changes: PictureChanges) -> [(name: String, pixels: Pixels)] {
    let dataSet = loop.data.training
    return loop.order(epoch: 0).prefix(Self.sampleCount).enumerated().compactMap { number, index in
      let picture = dataSet.pictures[index]
      guard let pixels = try? picture.source.decode(loop.settings.decoding).pixels else {
        return nil
      }
      let changed = changes.pixels(
        of: pixels, preprocessing: checkpoints.network.preprocessing,
        variant: changes.isNone ? 0 : 1, picture: index)
      return ("\(number + 1) \(dataSet.classNames[picture.classIndex])", changed)
    }
  }

  // MARK: While it trains

  func append(_ records: [LogRecord]) throws(CNNError) {
    guard let record = records.last else { return }
    try log.append(record)
    for (name, number) in [
      ("loss", record.loss), ("accuracy", record.accuracy),
      ("validation_loss", record.validationLoss),
      ("validation_accuracy", record.validationAccuracy),
      ("learning_rate", record.learningRate), ("gradient_norm", record.gradientNorm),
    ] {
      guard let number else { continue }
      try events.add("\(record.kind.rawValue)/\(name)", number, step: record.step)
    }
    if record.kind == .epoch { try PlotFiles(in: folder.plots).writeCurves(of: records) }
  }

  func saveBest(_ state: TrainingState) throws(CNNError) { try checkpoints.saveBest(state) }

  func saveLast(_ state: TrainingState) throws(CNNError) { try checkpoints.saveLast(state) }

  func bestParameters(
    replacing parameters: TrainingParameters
  ) throws(CNNError) -> TrainingParameters {
    try checkpoints.bestParameters(replacing: parameters)
  }

  /// The confusion matrix and the page.
  func finish(_ end: TrainingEnd) throws(CNNError) {
    try PlotFiles(in: folder.plots).write(end.evaluation.confusion)
    try RunReport(manifest: manifest, loop: loop, network: checkpoints.network, end: end)
      .page.write(to: folder.report)
  }
}
