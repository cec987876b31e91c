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
      try output.writeLine(CSVLine.text(cells))
    }
  }
}
