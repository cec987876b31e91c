import CNNSystem

/// A table of aligned columns, for terminals and for files.
struct TextTable {
  /// How the cells of a column are aligned, and which end is cut where a terminal is narrow.
  enum Alignment {
    /// Words: their ends are cut.
    case left
    /// Numbers, which are never cut.
    case right
    /// Names of files: their beginnings are cut, because their ends tell them apart.
    case path
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  /// Columns of words are not made narrower than this: shorter stumps say nothing.
  private static let leastWidth = 8

  /// A table without rows.
  init(_ columns: some Sequence<(title: String, alignment: Alignment)>) {
    self.columns = Array(columns)
  }

  /// Appends a row. Precondition: a cell for each column.
  mutating func add(_ cells: some Sequence<String>) {
    let cells = Array(cells)
    precondition(cells.count == columns.count, "a row needs a cell for each column")
    rows.append(cells)
  }

  /// The lines: titles, a rule, the rows; two spaces between columns and none at line ends. On a
  /// terminal that is too narrow, the widest columns of words are cut until the lines fit.
  func lines(for terminal: Terminal) -> [String] {
    let titles = columns.map(\.title)
    var widths = widths
    if terminal.isInteractive { narrow(&widths, to: terminal.width) }
    let rule = String(repeating: terminal.rule, count: Self.total(widths))
    return [line(titles, widths, terminal), rule] + rows.map { line($0, widths, terminal) }
  }

  /// The characters of a line of which nothing is cut.
  var width: Int { Self.total(widths) }

  private var widths: [Int] {
    columns.enumerated().map { column, settings in
      rows.map { $0[column].count }.reduce(settings.title.count, max)
    }
  }

  private static func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + 2 * (widths.count - 1)
  }

  /// Makes the widest column of words narrower, one character at a time, until the lines fit or no
  /// column can be cut further.
  private func narrow(_ widths: inout [Int], to limit: Int) {
    while Self.total(widths) > limit {
      let words = columns.indices.filter {
        columns[$0].alignment != .right
          && widths[$0] > max(Self.leastWidth, columns[$0].title.count)
      }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }

  private func line(_ cells: [String], _ widths: [Int], _ terminal: Terminal) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let width = widths[column]
      switch columns[column].alignment {
      case .left: text += cell.shortened(to: width, for: terminal).padded(to: width)
      case .path: text += cell.shortened(to: width, showing: .end, for: terminal).padded(to: width)
      case .right: text += cell.paddedLeft(to: width)
      }
      text += "  "
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// Values below each other, each after its label.
enum LabelledRows {
  /// A line for each row; the values begin in one column.
  static func lines(_ rows: [(label: String, value: String)]) -> [String] {
    let width = rows.map(\.label.count).max() ?? 0
    return rows.map { label, value in label.padded(to: width + 2) + value }
  }
}
