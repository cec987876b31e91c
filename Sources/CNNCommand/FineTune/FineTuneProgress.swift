import CNNRuns
import CNNSystem
import CNNTraining

/// Shows the events of a fine-tuning: a table of epochs on standard output, and the progress of the
/// current phase on standard error.
final class FineTuneProgress {
  private let isQuiet: Bool
  private var line: ProgressLine?
  /// The phase that the progress line shows; every phase gets a line of its own.
  private var phase = ""
  private var output = LineWriter.standardOutput
  /// The table of epochs, once it has begun.
  private var epochs: EpochTable?
  /// The first error of writing. The run goes on without the table, and fails at its end.
  private(set) var failure: CNNError?

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Shows an event.
  func show(_ event: FineTuningEvent) {
    switch event {
    case .note(let text):
      Diagnostics.note(text)
    case .warning(let text, let remedy):
      Diagnostics.warn(remedy.map { "\(text); \($0.inWordsOfTheCommand)" } ?? text)
    case .checking(let done, let total):
      update("checking", total: total, unit: "pictures checked", done: done)
    case .extracting(let progress):
      update(
        "extracting", total: progress.total, unit: "features", done: progress.done,
        known: progress.cached)
    case .starting(let start):
      ProgressLine.clear()
      begin(start)
    case .step(let step):
      let accuracy = NumberText.fixed(100 * step.accuracy, decimals: 1)
      update(
        "epoch \(step.epoch)", total: step.steps, unit: "steps", done: step.step,
        detail: "loss \(NumberText.fixed(step.loss, decimals: 4)), \(accuracy) %",
        title: "epoch \(step.epoch)/\(step.epochs)")
    case .validating(let done, let total):
      update("validating", total: total, unit: "pictures validated", done: done)
    case .epoch(let record, let isBest):
      ProgressLine.clear()
      let table = epochs ?? EpochTable(for: .output)
      if epochs == nil { table.head.forEach(write) }
      epochs = table
      write(table.row(record, isBest: isBest))
    }
  }

  private func begin(_ start: FineTuningEvent.Start) {
    if start.isFinished {
      return Diagnostics.note("the run is finished already; --fresh would start it again")
    }
    if start.step > 0 {
      Diagnostics.note(
        "resuming after \(start.epoch) of \(start.epochs) epochs, "
          + "\(NumberText.grouped(start.step)) steps")
    }
    Diagnostics.note(
      "training \(NumberText.grouped(start.trainedParameters)) parameters, "
        + (start.stepsPerEpoch == 1 ? "1 step an epoch" : "\(start.stepsPerEpoch) steps an epoch"))
  }

  private func update(
    _ phase: String, total: Int, unit: String, done: Int, known: Int = 0, detail: String = "",
    title: String = ""
  ) {
    if self.phase != phase {
      self.phase = phase
      line = ProgressLine(total: total, unit: unit, title: title, isQuiet: isQuiet, known: known)
      line?.plainInterval = 10
    }
    line?.update(done: done, detail: detail)
  }

  private func write(_ text: String) {
    do throws(CNNError) {
      try output.writeLine(text)
      try output.flush()
    } catch {
      failure = failure ?? error
    }
  }
}

/// The text at the end of a run.
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
    case .outOfTime: "stopped: the time budget allows no further epoch"
    case .stopped: "stopped"
    }
  }
}
