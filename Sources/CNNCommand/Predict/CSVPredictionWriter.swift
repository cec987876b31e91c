import CNNKit
import CNNSystem
import SystemPackage

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
      try output.writeLine(cells.map(Self.quoted).joined(separator: ","))
    }
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\""
      + cell.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
