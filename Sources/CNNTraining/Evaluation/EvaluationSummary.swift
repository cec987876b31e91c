/// The figures of an evaluation, which a report shows and programs read as JSON.
public struct EvaluationSummary: Sendable, Hashable, Codable {
  /// The number of pictures; every one was counted.
  public let count: Int
  /// The number of pictures the network is right about.
  public let correct: Int
  /// `correct / count`.
  public let accuracy: Double
  /// The share of pictures whose class is among the network's first k, by k.
  public let topAccuracies: [Int: Double]
  /// See `Evaluation.logLoss`.
  public let logLoss: Double
  /// The mean precision of the classes that have pictures or were predicted, each counting the same.
  public let meanPrecision: Double
  /// The mean recall of the classes that have pictures, also called balanced accuracy.
  public let meanRecall: Double
  /// The mean F1 of the classes that have pictures or were predicted.
  public let meanF1: Double
  /// Each class, in index order.
  public let classes: [ClassMetrics]
  /// Pictures of each true class (row) predicted as each class (column).
  public let confusionMatrix: [[Int]]
  /// The pictures whose true class got the least probability, worst first.
  public let worst: [EvaluatedPicture]

  /// The figures of `evaluation`. Precondition: it has pictures.
  ///
  /// - Parameters:
  ///   - topCounts: the k of `topAccuracies`; those beyond the number of classes are left out.
  ///   - worstCount: how many of the worst pictures are kept.
  public init(_ evaluation: Evaluation, topCounts: [Int] = [1, 5], worstCount: Int = 24) {
    precondition(evaluation.count > 0, "an evaluation of no pictures has no numbers")
    count = evaluation.count
    correct = evaluation.correct
    accuracy = evaluation.accuracy
    let classCount = evaluation.confusion.classNames.count
    topAccuracies = Dictionary(
      uniqueKeysWithValues: Set(topCounts).filter { $0 <= classCount }.map {
        ($0, evaluation.accuracy(top: $0))
      })
    logLoss = evaluation.logLoss
    let classes = evaluation.confusion.classes
    // Classes that do not occur would only pull the means down: 950 of ImageNet's 1000, where the
    // data set has 50.
    let present = classes.filter { $0.count > 0 }
    let met = classes.filter { $0.count > 0 || $0.predicted > 0 }
    func mean(_ value: (ClassMetrics) -> Double, of classes: [ClassMetrics]) -> Double {
      classes.reduce(0) { $0 + value($1) } / Double(classes.count)
    }
    meanPrecision = mean(\.precision, of: met)
    meanRecall = mean(\.recall, of: present)
    meanF1 = mean(\.f1, of: met)
    self.classes = classes
    confusionMatrix = evaluation.confusion.counts
    worst = evaluation.worst(worstCount)
  }

  private enum CodingKeys: String, CodingKey {
    case count, correct, accuracy, classes, worst
    case topAccuracies = "top_accuracies"
    case logLoss = "log_loss"
    case meanPrecision = "mean_precision"
    case meanRecall = "mean_recall"
    case meanF1 = "mean_f1"
    case confusionMatrix = "confusion_matrix"
  }
}
