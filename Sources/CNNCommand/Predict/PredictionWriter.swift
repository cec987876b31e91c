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
