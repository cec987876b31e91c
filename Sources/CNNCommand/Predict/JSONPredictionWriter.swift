import CNNKit
import CNNSystem
import SystemPackage

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
    let error = error.inTermsOfFlags
    try output.writeJSON(
      Failure(
        file: path.displayName,
        error: Fault(code: error.code.rawValue, message: error.message)))
  }
}
