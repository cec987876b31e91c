internal import CNNSystem
internal import CNNTraining

/// The report of a run, from its parts.
struct RunReport {
  let manifest: RunManifest
  let loop: TrainingLoop
  let network: TransferredNetwork
  let end: TrainingEnd

  private var evaluation: Evaluation { end.evaluation }
  private var state: TrainingProgress { end.progress }

  /// The page.
  var page: ReportPage {
    ReportPage(
      title: "\(manifest.base.model) on \(classes(in: 80) ?? "\(classCount) classes")",
      command: manifest.command, highlights: highlights, settings: settings,
      records: end.records, evaluation: evaluation,
      worst: ReportPicture.all(
        end.summary.worst, in: loop.data.validation, decoding: manifest.settings.decoding))
  }

  /// The names of the classes, where they have at most so many characters.
  private func classes(in limit: Int) -> String? {
    let names = manifest.data.classes.joined(separator: ", ")
    return names.count <= limit ? names : nil
  }

  private var classCount: String { NumberText.grouped(manifest.data.classes.count) }

  private typealias Setting = ReportPage.Setting

  private var highlights: [ReportPage.Setting] {
    [
      Setting(
        "validation accuracy", NumberText.fixed(100 * evaluation.accuracy, decimals: 2) + " %"),
      Setting("validation loss", NumberText.fixed(evaluation.logLoss, decimals: 4)),
      Setting("best epoch", "\(state.best?.epoch ?? 0) of \(state.epoch)"),
      Setting("time", NumberText.duration(seconds: end.seconds)),
    ]
  }

  private var settings: [ReportPage.Setting] {
    let settings = manifest.settings
    return [
      Setting("network", "\(manifest.base.model), \(manifest.base.weights)"),
      Setting(
        "trained",
        "\(NumberText.grouped(loop.trainedParameterCount)) of "
          + "\(NumberText.grouped(network.network.parameterCount)) parameters"),
      Setting("frozen", "\(settings.transfer.freeze)"),
      Setting("features", network.features ?? "none: every layer sees every picture"),
      Setting(
        "pictures",
        "\(NumberText.grouped(manifest.data.training)) to train with, "
          + "\(NumberText.grouped(manifest.data.validation)) to validate on"),
      Setting("classes", classes(in: 1000) ?? classCount),
      Setting("epochs", "\(state.epoch) of \(settings.epochs)"),
      Setting("batch", "\(settings.batchSize) pictures"),
    ] + SettingsText(settings).lines.map { Setting($0.name, $0.value) }
  }
}
