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
