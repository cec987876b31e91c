public import CNNCore

/// One class and how probable the network holds it.
public struct Prediction: Sendable, Hashable {
  /// The class.
  public let label: ClassLabel
  /// Softmax probability, 0 to 1.
  public let probability: Float

  /// A prediction from its parts.
  public init(label: ClassLabel, probability: Float) {
    self.label = label
    self.probability = probability
  }

  /// The most probable classes of each picture, best first; equal ones in index order.
  ///
  /// - Parameters:
  ///   - probabilities: `[N, classes]`.
  ///   - labels: one for each class.
  ///   - count: how many for each picture, at most all.
  /// - Returns: N lists.
  public static func top(
    _ count: Int, of probabilities: Tensor, labels: LabelSet
  ) -> [[Prediction]] {
    precondition(
      probabilities.shape.count == 2 && probabilities.shape[1] == labels.count,
      "\(probabilities.shape) probabilities for \(labels.count) labels")
    return probabilities.withUnsafeElements { elements in
      (0..<probabilities.shape[0]).map { picture in
        let row = elements[(picture * labels.count)..<((picture + 1) * labels.count)]
        let order = row.indices.sorted { row[$0] > row[$1] || (row[$0] == row[$1] && $0 < $1) }
        return order.prefix(count).map { index in
          Prediction(label: labels[index - row.startIndex], probability: row[index])
        }
      }
    }
  }
}
