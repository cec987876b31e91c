import CNNKit
import CNNSystem
import SystemPackage

/// Prints what became of one picture after the other, in the form that was asked for.
protocol PredictionWriter {
  /// The classes of one picture, best first.
  mutating func write(_ predictions: [Prediction], of path: FilePath, warnings: [String])
  /// Why one picture has none.
  mutating func write(_ error: CNNError, of path: FilePath)
}
