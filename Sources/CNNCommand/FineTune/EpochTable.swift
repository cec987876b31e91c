import CNNSystem
import CNNTraining

/// The table of epochs, which grows a line at a time. So its columns have fixed widths, which hold
/// their titles and any value; on a narrow terminal the least important ones are left out.
struct EpochTable {
  private struct Column: Sendable {
    let title: String
    let width: Int
    /// 0 for columns that are always shown; the highest ranks are left out first.
    let rank: Int
    let cell: @Sendable (LogRecord) -> String
  }

  private let columns: [Column]
  private let rule: Character
  private static let mark = "  best"

  /// A table as wide as `terminal` allows.
  init(for terminal: Terminal) {
    var columns = Self.allColumns
    while terminal.isInteractive, let last = columns.map(\.rank).max(), last > 0,
      columns.reduce(0, { $0 + $1.width }) + Self.mark.count > terminal.width
    {
      columns.removeAll { $0.rank == last }
    }
    self.columns = columns
    rule = terminal.rule
  }

  private static let allColumns = [
    Column(title: "epoch", width: 6, rank: 0) { "\($0.epoch)" },
    Column(title: "loss", width: 8, rank: 1) { fixed($0.loss) },
    Column(title: "accuracy", width: 10, rank: 3) { percent($0.accuracy) },
    Column(title: "validation loss", width: 17, rank: 2) { fixed($0.validationLoss) },
    Column(title: "accuracy", width: 10, rank: 0) { percent($0.validationAccuracy) },
    Column(title: "rate", width: 9, rank: 5) {
      NumberText.significant($0.learningRate, digits: 3)
    },
    Column(title: "total time", width: 12, rank: 4) { NumberText.duration(seconds: $0.seconds) },
  ]

  /// Titles and a rule.
  var head: [String] {
    let titles = columns.map { Self.right($0.title, $0.width) }.joined()
    return [titles, String(repeating: rule, count: titles.count)]
  }

  /// The line of an epoch.
  func row(_ record: LogRecord, isBest: Bool) -> String {
    columns.map { Self.right($0.cell(record), $0.width) }.joined() + (isBest ? Self.mark : "")
  }

  private static func fixed(_ number: Double?) -> String {
    guard let number else { return "" }
    // A loss that explodes is written with an exponent, because the column cannot grow.
    return number < 1000
      ? NumberText.fixed(number, decimals: 4) : NumberText.significant(number, digits: 3)
  }

  private static func percent(_ share: Double?) -> String {
    share.map { NumberText.fixed(100 * $0, decimals: 2) + " %" } ?? ""
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
