package import CNNCore
public import CNNSystem

/// One class and how probable the network holds it.
public struct Prediction: Sendable, Hashable, Codable {
  /// The class.
  public let label: ClassLabel
  /// Softmax probability, 0 to 1.
  public let probability: Float

  /// A prediction from its parts.
  public init(label: ClassLabel, probability: Float) {
    self.label = label
    self.probability = probability
  }
}

/// What a classifier says about one picture: a collection of its most probable classes, best first.
///
///     let classification = try classifier.classify(url)
///     print(classification[0].label.name)
///     for warning in classification.warnings { print(warning) }
public struct Classification: Sendable, Hashable, Codable {
  /// The most probable classes, best first.
  public let predictions: [Prediction]
  /// What was odd about the picture although it could be read, a sentence each; empty for pictures
  /// from memory.
  public let warnings: [String]

  /// A classification from its parts.
  public init(predictions: [Prediction], warnings: [String] = []) {
    self.predictions = predictions
    self.warnings = warnings
  }
}

extension Classification: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { predictions.startIndex }
  /// The number of predictions.
  public var endIndex: Int { predictions.endIndex }
  /// The prediction at rank `position`, from 0. Precondition: there is one.
  public subscript(position: Int) -> Prediction { predictions[position] }
}

extension Prediction {
  /// The most probable classes of each picture, best first; equal ones in index order.
  ///
  /// - Parameters:
  ///   - count: how many for each picture; all where there are fewer classes, none below 1.
  ///   - probabilities: `[N, classes]`.
  ///   - labels: one for each class.
  /// - Returns: N lists.
  package static func top(
    _ count: Int, of probabilities: Tensor, labels: LabelSet
  ) -> [[Prediction]] {
    precondition(
      probabilities.shape.count == 2 && probabilities.shape[1] == labels.count,
      "\(probabilities.shape) probabilities for \(labels.count) labels")
    return probabilities.withUnsafeElements { elements in
      (0..<probabilities.shape[0]).map { picture in
        let row = elements[(picture * labels.count)..<((picture + 1) * labels.count)]
        let order = row.indices.sorted { row[$0] > row[$1] || (row[$0] == row[$1] && $0 < $1) }
        return order.prefix(Swift.max(0, count)).map { index in
          Prediction(label: labels[index - row.startIndex], probability: row[index])
        }
      }
    }
  }
}

extension Tensor {
  /// Refuses an answer of a network that holds NaN or infinite elements, which weights that are NaN,
  /// infinite or too large lead to.
  ///
  /// - Parameters:
  ///   - domain: the domain of the error.
  ///   - picture: the picture that the answer is about.
  /// - Throws: `answerNotFinite`.
  package func requireFiniteAnswer(
    _ domain: CNNError.Domain, about picture: String? = nil
  ) throws(CNNError) {
    guard elements.allSatisfy(\.isFinite) else {
      throw CNNError(
        domain, .answerNotFinite, "the network's answer is not a number", subject: picture,
        remedy: "Its weights are broken, or not for this network")
    }
  }
}

extension CNNError.Code {
  /// A network's answer that is NaN or infinite.
  public static let answerNotFinite = CNNError.Code(rawValue: "answer-not-finite")
}
