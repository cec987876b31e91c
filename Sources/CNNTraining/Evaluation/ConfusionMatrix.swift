/// How often pictures of one class are taken for another.
public struct ConfusionMatrix: Sendable, Hashable {
  /// The names of the classes, in index order.
  public let classNames: [String]
  /// The number of pictures of each true class (row) that were predicted as each class (column).
  public private(set) var counts: [[Int]]

  /// A matrix of zeros.
  public init(classNames: [String]) {
    self.classNames = classNames
    counts = Array(
      repeating: [Int](repeating: 0, count: classNames.count), count: classNames.count)
  }

  /// Counts one picture.
  public mutating func add(classIndex: Int, predictedIndex: Int) {
    counts[classIndex][predictedIndex] += 1
  }

  /// Precision, recall and F1 of each class.
  public var classes: [ClassMetrics] {
    counts.indices.map { index in
      ClassMetrics(
        index: index, name: classNames[index], count: counts[index].reduce(0, +),
        predicted: counts.reduce(0) { $0 + $1[index] }, correct: counts[index][index])
    }
  }

  /// The pairs of classes that are confused most, with how often; no hits.
  public func largestConfusions(
    _ count: Int
  ) -> [(classIndex: Int, predictedIndex: Int, count: Int)] {
    let pairs = counts.indices.flatMap { row in
      counts[row].indices.compactMap { column in
        row != column && counts[row][column] > 0
          ? (classIndex: row, predictedIndex: column, count: counts[row][column]) : nil
      }
    }
    let order = pairs.indices.sorted { (-pairs[$0].count, $0) < (-pairs[$1].count, $1) }
    return order.prefix(count).map { pairs[$0] }
  }
}

/// How well a network knows one class.
public struct ClassMetrics: Sendable, Hashable, Codable {
  /// The class, counted from 0.
  public let index: Int
  /// Its name.
  public let name: String
  /// Pictures that belong to it.
  public let count: Int
  /// Pictures that the network puts into it.
  public let predicted: Int
  /// Pictures that belong to it and are put into it.
  public let correct: Int
  /// `correct / predicted`; 0 where nothing is put into it.
  public let precision: Double
  /// `correct / count`; 0 where nothing belongs to it.
  public let recall: Double
  /// The harmonic mean of the two; 0 where both are.
  public let f1: Double

  init(index: Int, name: String, count: Int, predicted: Int, correct: Int) {
    self.index = index
    self.name = name
    self.count = count
    self.predicted = predicted
    self.correct = correct
    precision = predicted == 0 ? 0 : Double(correct) / Double(predicted)
    recall = count == 0 ? 0 : Double(correct) / Double(count)
    f1 = count + predicted == 0 ? 0 : Double(2 * correct) / Double(count + predicted)
  }
}
