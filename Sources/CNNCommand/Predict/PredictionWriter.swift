import CNNKit
import CNNSystem
import SystemPackage

/// Writes the predictions of one picture after the other in one of three forms.
protocol PredictionWriter {
  /// Where results go.
  var output: LineWriter { get set }
  /// Writes the most probable classes of one picture, best first.
  mutating func write(
    _ predictions: [Prediction], of path: FilePath, warnings: [String]
  ) throws(CNNError)
  /// Writes why there are none.
  mutating func write(_ error: CNNError, of path: FilePath) throws(CNNError)
}

extension PredictionWriter {
  /// Errors go to standard error where the form has no place for them.
  mutating func write(_ error: CNNError, of path: FilePath) throws(CNNError) {
    // On a terminal, where both streams meet, earlier results come first.
    if Terminal.output.isInteractive { try output.flush() }
    Diagnostics.report(error.about(path.displayName))
  }
}

/// The form for people: the file's name, and a line for each class.
///
///     elephant.jpg
///        64.78 %  ████████████▉         101  n01871265  tusker
///
/// Bars are drawn on a terminal only, so that files hold nothing but facts.
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
    var parts = [percent.paddedLeft(to: 8) + " %"]
    if terminal.isInteractive {
      parts.append(ProbabilityBar(width: 20, isUnicode: terminal.isUnicode)(prediction.probability))
    }
    parts.append(String(prediction.label.index).paddedLeft(to: indexWidth))
    if let synset = prediction.label.synset { parts.append(synset) }
    let facts = parts.joined(separator: "  ") + "  "
    // A name is cut to the line, unless too little of it would be left to recognise.
    guard terminal.isInteractive, terminal.width > facts.count + 8 else {
      return facts + prediction.label.name
    }
    let room = terminal.width - facts.count
    return facts + prediction.label.name.shortened(to: room, for: terminal)
  }
}

/// Comma-separated values as in RFC 4180, a line for each class, with a header.
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
        path.exactName, "\(rank + 1)", "\(label.index)", label.synset ?? "", label.name,
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
        file: path.exactName, model: model,
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
        file: path.exactName,
        error: Fault(code: error.code.rawValue, message: error.message)))
  }
}
