/// A table of aligned columns, for terminals and for files.
struct TextTable {
  /// On which side a column's cells are flush.
  enum Alignment {
    case left, right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

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

  /// The lines: titles, a rule, the rows; two spaces between columns and none at line ends.
  func lines(rule: Character) -> [String] {
    let titles = columns.map(\.title)
    let widths = columns.indices.map { column in
      ([titles] + rows).map { $0[column].count }.max() ?? 0
    }
    let total = widths.reduce(0, +) + 2 * (widths.count - 1)
    return [line(titles, widths), String(repeating: rule, count: total)]
      + rows.map { line($0, widths) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let space = String(repeating: " ", count: widths[column] - cell.count)
      text += columns[column].alignment == .left ? cell + space : space + cell
      text += "  "
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}
