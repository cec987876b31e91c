import CNNKit
import CNNSystem
import SystemPackage

/// Writes what became of one picture after the other, in the form that was asked for.
protocol PredictionWriter {
  /// Where results go.
  var output: LineWriter { get set }
  /// The classes of one picture, best first.
  mutating func write(
    _ predictions: [Prediction], of path: FilePath, warnings: [String]
  ) throws(CNNError)
  /// Why one picture has none.
  mutating func write(_ error: CNNError, of path: FilePath) throws(CNNError)
}

extension PredictionWriter {
  /// An error goes to standard error, unless the form has a place for it.
  mutating func write(_ error: CNNError, of path: FilePath) throws(CNNError) {
    // What was found before it comes before it, where both go to one terminal.
    if Terminal.output.isInteractive { try output.flush() }
    Diagnostics.report(error.about(path.displayName))
  }
}

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

/// Comma-separated values as RFC 4180 has them, a line for each class, with a header.
struct CSVPredictionWriter: PredictionWriter {
  var output = LineWriter.standardOutput

  /// Writes the header.
  init() throws(CNNError) {
    try output.writeLine("file,rank,index,synset,label,probability")
  }

  mutating func write(
    _ predictions: [Prediction], of path: FilePath, warnings: [String]
  ) throws(CNNError) {
    Diagnostics.warn(warnings, about: path)
    for (rank, prediction) in predictions.enumerated() {
      let label = prediction.label
      let cells = [
        path.displayName, "\(rank + 1)", "\(label.index)", label.synset ?? "", label.name,
        "\(prediction.probability)",
      ]
      try output.writeLine(CSVLine.text(cells))
    }
  }
}

/// One JSON object a line:
/// `{"file":..., "model":..., "predictions":[{"index":..., ...}], "warnings":[...]}`, or
/// `{"file":..., "error":{"code":..., "message":...}}`.
struct JSONPredictionWriter: PredictionWriter {
  let model: String
  var output = LineWriter.standardOutput

  private struct Record: Encodable {
    let file: String
    let model: String
    let predictions: [Entry]
    let warnings: [String]
  }

  private struct Entry: Encodable {
    let index: Int
    let label: String
    let synset: String?
    let probability: Float
  }

  private struct Failure: Encodable {
    let file: String
    let error: Fault
  }

  private struct Fault: Encodable {
    let code: String
    let message: String
  }

  init(model: String) { self.model = model }

  mutating func write(
    _ predictions: [Prediction], of path: FilePath, warnings: [String]
  ) throws(CNNError) {
    try output.writeJSON(
      Record(
        file: path.displayName, model: model,
        predictions: predictions.map {
          Entry(
            index: $0.label.index, label: $0.label.name, synset: $0.label.synset,
            probability: $0.probability)
        }, warnings: warnings))
  }

  mutating func write(_ error: CNNError, of path: FilePath) throws(CNNError) {
    let error = error.inWordsOfTheCommand
    try output.writeJSON(
      Failure(
        file: path.displayName,
        error: Fault(code: error.code.rawValue, message: error.message)))
  }
}
