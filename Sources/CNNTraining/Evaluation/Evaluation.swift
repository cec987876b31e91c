public import CNNCore
internal import CNNPlatform
internal import CNNSystem

/// How good a network is on pictures whose classes are known.
///
/// Pictures are added a batch at a time, and every one counts once:
///
///     var evaluation = Evaluation(classNames: labels)
///     evaluation.add(probabilities, of: pictures)
///     print(evaluation.accuracy)
public struct Evaluation: Sendable {
  /// Probabilities are limited to this distance from 0 and 1 before their logarithm is computed, as
  /// Kaggle does: one picture that is wholly wrong costs 34.5, not infinity.
  public static let probabilityLimit = 1e-15

  /// What the network said about each picture, in the order in which they came.
  public private(set) var pictures: [EvaluatedPicture] = []
  /// Which classes are taken for which.
  public private(set) var confusion: ConfusionMatrix

  /// An evaluation of no pictures yet.
  public init(classNames: [String]) {
    confusion = ConfusionMatrix(classNames: classNames)
  }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - probabilities: `[N, classes]`, or `[N, classes, 1, 1]`.
  ///   - pictures: N pictures with their classes.
  public mutating func add(_ probabilities: Tensor, of pictures: some Collection<LabelledPicture>) {
    let classes = confusion.classNames.count
    precondition(
      probabilities.count == pictures.count * classes,
      "\(probabilities.shape) probabilities for \(pictures.count) pictures of \(classes) classes")
    probabilities.withUnsafeElements { elements in
      for (row, picture) in pictures.enumerated() {
        add(
          EvaluatedPicture(
            name: picture.source.name, classIndex: picture.classIndex,
            probabilities: elements[row * classes..<(row + 1) * classes]))
      }
    }
  }

  /// Adds one picture. Precondition: its class has a name.
  public mutating func add(_ picture: EvaluatedPicture) {
    confusion.add(classIndex: picture.classIndex, predictedIndex: picture.predictedIndex)
    pictures.append(picture)
  }

  /// The number of pictures.
  public var count: Int { pictures.count }

  /// The number of pictures the network is right about.
  public var correct: Int { pictures.count(where: \.isCorrect) }

  /// The share of pictures the network is right about; NaN without pictures.
  public var accuracy: Double { Double(correct) / Double(count) }

  /// The share of pictures whose class is among the network's first `k`; NaN without pictures.
  public func accuracy(top k: Int) -> Double {
    Double(pictures.count { $0.rank < k }) / Double(count)
  }

  /// The mean of -log of what the network gives the true class; NaN without pictures.
  public var logLoss: Double {
    let sum = pictures.reduce(0.0) { sum, picture in
      let limit = Self.probabilityLimit
      return sum - log(max(limit, min(1 - limit, picture.classProbability)))
    }
    return sum / Double(count)
  }

  /// The pictures to which the network gives their true class the least probability, worst first.
  public func worst(_ count: Int) -> [EvaluatedPicture] {
    let order = pictures.indices.sorted {
      (pictures[$0].classProbability, $0) < (pictures[$1].classProbability, $1)
    }
    return order.prefix(count).map { pictures[$0] }
  }
}

extension Evaluation {
  /// Comma-separated values: a header and a line for each picture, in the order of the evaluation: its file, its class, the
  /// predicted class, the probabilities of the two, and whether they agree.
  public var csv: String {
    let names = confusion.classNames
    var lines = ["file,label,predicted,label_probability,predicted_probability,correct"]
    for picture in pictures {
      lines.append(
        CSVLine.text([
          picture.name, names[picture.classIndex], names[picture.predictedIndex],
          "\(picture.classProbability)", "\(picture.predictedProbability)",
          picture.isCorrect ? "1" : "0",
        ]))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
