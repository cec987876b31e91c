internal import CNNSystem
internal import CNNImage
internal import CNNTraining
internal import SystemPackage

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
