import CNNSystem
import CNNTraining

/// An evaluation as tables for people.
struct EvaluationText {
  private let summary: EvaluationSummary
  private let confusion: ConfusionMatrix
  private let skipped: Int

  /// What fits a screen. Of more classes, those with the lowest recall are listed.
  private static let mostClasses = 20
  private static let mostConfusions = 10
  private static let longestName = 30

  init(_ summary: EvaluationSummary, _ confusion: ConfusionMatrix, skipped: Int) {
    self.summary = summary
    self.confusion = confusion
    self.skipped = skipped
  }

  func lines(for terminal: Terminal) -> [String] {
    let sections = [
      totals, classes(terminal), confusions(terminal), worst(terminal),
    ]
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  private var totals: [String] {
    var rows = [
      (
        "pictures", NumberText.grouped(summary.count) + (skipped > 0 ? ", \(skipped) left out" : "")
      ),
      (
        "accuracy",
        percentage(summary.accuracy) + ", " + NumberText.grouped(summary.correct) + " right"
      ),
    ]
    for (count, share) in summary.topAccuracies.sorted(by: { $0.key < $1.key }) where count > 1 {
      rows.append(("top-\(count)", percentage(share)))
    }
    rows.append(("log loss", NumberText.fixed(summary.logLoss, decimals: 4)))
    rows.append(("mean recall", percentage(summary.meanRecall)))
    return LabelledRows.lines(rows)
  }

  /// All classes, or of many those with the lowest recall.
  private func classes(_ terminal: Terminal) -> [String] {
    let isCut = summary.classes.count > Self.mostClasses
    let present = summary.classes.filter { $0.count > 0 }
    let weakest = present.sorted { ($0.recall, $0.index) < ($1.recall, $1.index) }
    let shown = isCut ? Array(weakest.prefix(Self.mostClasses)) : summary.classes
    var table = TextTable([
      ("class", .right), ("name", .left), ("pictures", .right), ("precision", .right),
      ("recall", .right), ("F1", .right),
    ])
    for metrics in shown {
      table.add([
        "\(metrics.index)", metrics.name.shortened(to: Self.longestName, for: terminal),
        NumberText.grouped(metrics.count),
        percentage(metrics.precision), percentage(metrics.recall), percentage(metrics.f1),
      ])
    }
    let rest = isCut ? present.count - shown.count : 0
    return table.lines(for: terminal)
      + (rest > 0 ? ["... and \(rest) more with pictures; --json has all"] : [])
  }

  /// The confusion matrix where it fits the terminal, with names or else indices above its columns;
  /// otherwise the pairs of classes that are confused most often.
  private func confusions(_ terminal: Terminal) -> [String] {
    let names = confusion.classNames.map { $0.shortened(to: Self.longestName, for: terminal) }
    if names.count <= Self.mostClasses {
      let numbers = names.indices.map { "\($0)" }
      let numbered = zip(numbers, names).map { "\($0)  \($1)" }
      let matrices = [matrix(names, names), matrix(numbered, numbers)]
      if let matrix = matrices.first(where: { $0.width <= min(terminal.width, 100) }) {
        return matrix.lines(for: terminal)
      }
    }
    let pairs = confusion.largestConfusions(Self.mostConfusions)
    guard !pairs.isEmpty else { return [] }
    var list = TextTable([
      ("class", .left), ("most often predicted instead", .left), ("pictures", .right),
    ])
    for pair in pairs {
      list.add([names[pair.classIndex], names[pair.predictedIndex], "\(pair.count)"])
    }
    return list.lines(for: terminal)
  }

  private func matrix(_ rows: [String], _ columns: [String]) -> TextTable {
    var table = TextTable([("true \\ predicted", .left)] + columns.map { ($0, .right) })
    for (name, counts) in zip(rows, confusion.counts) {
      table.add([name] + counts.map { NumberText.grouped($0) })
    }
    return table
  }

  /// The pictures whose true class got the lowest probability.
  private func worst(_ terminal: Terminal) -> [String] {
    guard !summary.worst.isEmpty else { return [] }
    var table = TextTable([
      ("worst", .right), ("class", .left), ("predicted", .left), ("", .right), ("file", .path),
    ])
    for picture in summary.worst {
      table.add([
        percentage(picture.classProbability),
        confusion.classNames[picture.classIndex].shortened(to: Self.longestName, for: terminal),
        confusion.classNames[picture.predictedIndex].shortened(to: Self.longestName, for: terminal),
        percentage(picture.predictedProbability), picture.name,
      ])
    }
    return table.lines(for: terminal)
  }

  private func percentage(_ share: Double) -> String {
    NumberText.fixed(100 * share, decimals: 2) + " %"
  }
}
