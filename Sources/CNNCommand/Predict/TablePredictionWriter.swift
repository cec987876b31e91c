import CNNKit
import CNNSystem
import SystemPackage

/// The form for people: the file's name, and a line for each class.
///
///     elephant.jpg
///        64.78 %  ████████████▉         101  n01871265  tusker
///
/// Bars are drawn on a terminal only, so that a file holds nothing but facts.
struct TablePredictionWriter: PredictionWriter {
  var output = LineWriter.standardOutput
  private let terminal = Terminal.output
  private var isFirst = true

  mutating func write(
    _ predictions: [Prediction], of path: FilePath, warnings: [String]
  ) throws(CNNError) {
    Diagnostics.warn(warnings, about: path)
    if !isFirst { try output.writeLine("") }
    isFirst = false
    try output.writeLine(path.displayName)
    let widest = predictions.map { String($0.label.index).count }.max() ?? 0
    for prediction in predictions {
      try output.writeLine(line(prediction, indexWidth: widest))
    }
  }

  private func line(_ prediction: Prediction, indexWidth: Int) -> String {
    let percent = NumberText.fixed(Double(prediction.probability) * 100, decimals: 2)
    let index = String(prediction.label.index)
    var parts = [String(repeating: " ", count: max(0, 8 - percent.count)) + percent + " %"]
    if terminal.isInteractive {
      parts.append(ProbabilityBar(width: 20, isUnicode: terminal.isUnicode)(prediction.probability))
    }
    parts.append(String(repeating: " ", count: indexWidth - index.count) + index)
    if let synset = prediction.label.synset { parts.append(synset) }
    let facts = parts.joined(separator: "  ") + "  "
    guard terminal.isInteractive, terminal.width > facts.count + 8 else {
      return facts + prediction.label.name
    }
    let room = terminal.width - facts.count
    return facts + prediction.label.name.shortened(to: room, for: terminal)
  }
}
