import CNNSystem
import CNNCore

/// The summary as the table that people know from Keras.
struct SummaryTable {
  private let summary: NetworkSummary

  init(_ summary: NetworkSummary) { self.summary = summary }

  /// Prints the table and its totals.
  func print() {
    var table = TextTable([
      ("node", .left), ("layer", .left), ("output", .left), ("parameters", .right),
      ("multiply-adds", .right), ("memory", .right),
    ])
    table.add(["input", "", summary.input.shapeDescription, "", "", ""])
    for row in summary.nodes {
      table.add([
        row.node, row.layer, row.outputShape.shapeDescription, count(row.parameters),
        count(row.multiplyAdds), NumberText.bytes(row.outputBytes),
      ])
    }
    for line in table.lines(rule: Terminal.output.isUnicode ? "─" : "-") { Swift.print(line) }
    Swift.print()
    for line in totals { Swift.print(line) }
  }

  private func count(_ number: Int) -> String { number == 0 ? "" : NumberText.grouped(number) }

  private var totals: [String] {
    var rows = [
      ("parameters", NumberText.grouped(summary.parameters)),
      ("  trainable", NumberText.grouped(summary.trainableParameters)),
      ("  frozen", NumberText.grouped(summary.frozenParameters)),
    ]
    if summary.statistics > 0 {
      rows.append(("BatchNorm statistics", NumberText.grouped(summary.statistics)))
    }
    rows += [
      ("multiply-adds", NumberText.grouped(summary.multiplyAdds)),
      ("memory of parameters", NumberText.bytes(summary.parameterBytes)),
      ("memory of all outputs", NumberText.bytes(summary.outputBytes)),
    ]
    let labelWidth = rows.map(\.0.count).max() ?? 0
    let valueWidth = rows.map(\.1.count).max() ?? 0
    return rows.map { label, value in
      label + String(repeating: " ", count: labelWidth - label.count + 2)
        + String(repeating: " ", count: valueWidth - value.count) + value
    }
  }
}
