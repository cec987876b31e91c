import CNNSystem
import CNNTraining

/// An evaluation as tables for people.
struct EvaluationText {
  private let summary: EvaluationSummary
  private let confusion: ConfusionMatrix
  private let skipped: Int

  /// More classes than fit a screen: the weakest of them are listed then.
  private static let mostClasses = 20
  private static let mostConfusions = 10

  init(_ summary: EvaluationSummary, _ confusion: ConfusionMatrix, skipped: Int) {
    self.summary = summary
    self.confusion = confusion
    self.skipped = skipped
  }

  func lines(for terminal: Terminal) -> [String] {
    let sections = [
      totals, classes(terminal.rule), confusions(terminal), worst(terminal),
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

  /// All classes, or of many those with pictures that are found least.
  private func classes(_ rule: Character) -> [String] {
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
        "\(metrics.index)", shortened(metrics.name, to: 30), NumberText.grouped(metrics.count),
        percentage(metrics.precision), percentage(metrics.recall), percentage(metrics.f1),
      ])
    }
    let rest = isCut ? present.count - shown.count : 0
    return table.lines(rule: rule)
      + (rest > 0 ? ["... and \(rest) more with pictures; --json has all"] : [])
  }

  /// The matrix where it fits the terminal, and else the classes that are confused most.
  private func confusions(_ terminal: Terminal) -> [String] {
    let names = confusion.classNames.map { shortened($0, to: 16) }
    var table = TextTable([("true \\ predicted", .left)] + names.map { ($0, .right) })
    for (name, counts) in zip(names, confusion.counts) where names.count <= Self.mostClasses {
      table.add([name] + counts.map { NumberText.grouped($0) })
    }
    let matrix = table.lines(rule: terminal.rule)
    let fits = matrix.allSatisfy { $0.count <= min(terminal.width, 100) }
    guard names.count > Self.mostClasses || !fits else { return matrix }
    let pairs = confusion.largestConfusions(Self.mostConfusions)
    guard !pairs.isEmpty else { return [] }
    var list = TextTable([("confused most", .left), ("taken for", .left), ("pictures", .right)])
    for pair in pairs {
      list.add([
        shortened(confusion.classNames[pair.classIndex], to: 30),
        shortened(confusion.classNames[pair.predictedIndex], to: 30), "\(pair.count)",
      ])
    }
    return list.lines(rule: terminal.rule)
  }

  /// The pictures whose class got the least probability. On a terminal the beginnings of long
  /// names give way, for their ends tell them apart.
  private func worst(_ terminal: Terminal) -> [String] {
    guard !summary.worst.isEmpty else { return [] }
    let lines = worstTable(fileWidth: .max).lines(rule: terminal.rule)
    let excess = (lines.map(\.count).max() ?? 0) - terminal.width
    guard terminal.isInteractive, excess > 0 else { return lines }
    let longest = summary.worst.map(\.name.count).max() ?? 0
    return worstTable(fileWidth: max(8, longest - excess)).lines(rule: terminal.rule)
  }

  private func worstTable(fileWidth: Int) -> TextTable {
    var table = TextTable([
      ("worst", .right), ("class", .left), ("predicted", .left), ("", .right), ("file", .left),
    ])
    for picture in summary.worst {
      let name = picture.name
      table.add([
        percentage(picture.classProbability),
        shortened(confusion.classNames[picture.classIndex], to: 14),
        shortened(confusion.classNames[picture.predictedIndex], to: 14),
        percentage(picture.predictedProbability),
        name.count > fileWidth ? "..." + name.suffix(fileWidth - 3) : name,
      ])
    }
    return table
  }

  private func percentage(_ share: Double) -> String {
    NumberText.fixed(100 * share, decimals: 2) + " %"
  }

  private func shortened(_ name: String, to width: Int) -> String {
    name.count > width ? name.prefix(width - 3) + "..." : name
  }
}
