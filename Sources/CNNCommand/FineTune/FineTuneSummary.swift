import CNNSystem
import CNNTraining

/// What is said at the end of a run.
struct FineTuneSummary {
  private let result: FineTuningResult
  private let folder: RunFolder

  init(_ result: FineTuningResult, _ folder: RunFolder) {
    self.result = result
    self.folder = folder
  }

  var lines: [String] {
    var lines = ["", "\(end) after \(NumberText.duration(seconds: result.seconds))"]
    if let validation = result.validation, let epoch = result.bestEpoch {
      let accuracy = NumberText.fixed(100 * validation.accuracy, decimals: 2)
      lines.append(
        "best epoch: \(epoch), \(accuracy) % of \(NumberText.grouped(validation.count)) validation "
          + "pictures right, log loss \(NumberText.fixed(validation.logLoss, decimals: 4))")
    }
    lines.append("model:  \(folder.best.displayName)")
    lines.append("report: \(folder.report.displayName)")
    return lines
  }

  private var end: String {
    switch result.outcome {
    case .finished(let reason): reason
    case .outOfTime: "the time budget allows no further epoch: stopped"
    case .stopped: "stopped"
    }
  }
}
