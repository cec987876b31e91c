internal import CNNImage
internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

/// The plots of a run: loss and accuracy over its epochs, and the confusion matrix.
struct TrainingPlots {
  /// Lines of the log of kind `epoch`, in order.
  private let epochs: [LogRecord]
  private let size: (width: Double, height: Double)

  /// - Parameter size: of the curves, in units.
  init(_ records: [LogRecord], size: (width: Double, height: Double) = LineChart.wide) {
    epochs = records.filter { $0.kind == .epoch }
    self.size = size
  }

  /// Loss in training and on the pictures for validation.
  var loss: Drawing {
    LineChart(
      title: "Loss", xTitle: "epoch", series: series(\.loss, \.validationLoss) { $0 },
      beginsAtZero: true, size: size
    ).drawing
  }

  /// Accuracy in percent, with the best epoch marked.
  var accuracy: Drawing {
    var chart = LineChart(
      title: "Accuracy", xTitle: "epoch", yUnit: " %",
      series: series(\.accuracy, \.validationAccuracy) { 100 * $0 }, yLimit: 100, size: size)
    if let best = bestEpoch, let accuracy = best.validationAccuracy {
      let percent = NumberText.fixed(100 * accuracy, decimals: 2)
      chart.mark = (Point(x: Double(best.epoch), y: 100 * accuracy), 1)
      chart.subtitle = "Best validation: \(percent) % in epoch \(best.epoch)"
    }
    return chart.drawing
  }

  /// The first epoch of the greatest validation accuracy.
  var bestEpoch: LogRecord? {
    epochs.reduce(nil) { best, epoch in
      guard let accuracy = epoch.validationAccuracy, accuracy.isFinite else { return best }
      return accuracy > best?.validationAccuracy ?? -1 ? epoch : best
    }
  }

  private func series(
    _ training: (LogRecord) -> Double, _ validation: (LogRecord) -> Double?,
    _ scaled: (Double) -> Double
  ) -> [LineChart.Series] {
    [
      LineChart.Series(
        name: "training",
        points: epochs.map { Point(x: Double($0.epoch), y: scaled(training($0))) }),
      LineChart.Series(
        name: "validation",
        points: epochs.compactMap { epoch in
          validation(epoch).map { Point(x: Double(epoch.epoch), y: scaled($0)) }
        }),
    ]
  }
}

/// Writes the plots of a run: each as `.svg` and as `.png`.
struct PlotFiles: Sendable {
  private let folder: FilePath

  /// Plots for a folder, which exists.
  init(in folder: FilePath) { self.folder = folder }

  /// Every file that can be written.
  var all: [FilePath] {
    ["loss", "accuracy", "confusion-matrix"].flatMap { name in
      [folder.appending(name + ".svg"), folder.appending(name + ".png")]
    }
  }

  /// Writes `loss` and `accuracy` from the lines of a log. Throws `cannotWrite`.
  func writeCurves(of records: [LogRecord]) throws(CNNError) {
    let plots = TrainingPlots(records)
    try write(plots.loss, "loss")
    try write(plots.accuracy, "accuracy")
  }

  /// Writes `confusion-matrix`. Throws `cannotWrite`.
  func write(_ matrix: ConfusionMatrix) throws(CNNError) {
    try write(ConfusionChart(matrix: matrix).drawing, "confusion-matrix")
  }

  func write(_ drawing: Drawing, _ name: String) throws(CNNError) {
    try write(Array(drawing.svg().utf8), name + ".svg")
    try write(drawing.pixels().png, name + ".png")
  }

  private func write(_ bytes: [UInt8], _ name: String) throws(CNNError) {
    try AtomicFile.write(bytes, to: folder.appending(name))
  }
}
