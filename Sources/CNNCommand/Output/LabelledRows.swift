/// Values under each other, each behind its label.
enum LabelledRows {
  /// A line for each row; the values begin in one column.
  static func lines(_ rows: [(label: String, value: String)]) -> [String] {
    let width = rows.map(\.label.count).max() ?? 0
    return rows.map { label, value in
      label + String(repeating: " ", count: width - label.count + 2) + value
    }
  }
}
