import CNNCore
import CNNKit
import CNNSystem

/// The summary as the table that people know from Keras.
struct SummaryTable {
  private let summary: NetworkSummary

  init(_ summary: NetworkSummary) { self.summary = summary }

  /// The table and its totals. On a narrow terminal the last one or two columns are left out.
  func lines(for terminal: Terminal) -> [String] {
    let tables = [0, 1, 2].map { table(leavingOut: $0) }
    let fitting = tables.first { !terminal.isInteractive || $0.width <= terminal.width }
    return (fitting ?? tables[2]).lines(for: terminal) + [""] + totals
  }

  private func table(leavingOut count: Int) -> TextTable {
    let titles: [(title: String, alignment: TextTable.Alignment)] = [
      ("node", .left), ("layer", .left), ("output", .left), ("parameters", .right),
      ("mult-adds", .right), ("memory", .right),
    ]
    var table = TextTable(titles.dropLast(count))
    let input = ["input", "", summary.input.shapeDescription, "", "", ""]
    table.add(input.dropLast(count))
    for row in summary.nodes {
      let cells = [
        row.node, row.layer, row.outputShape.shapeDescription, self.count(row.parameters),
        row.multiplyAdds == 0 ? "" : NumberText.rounded(row.multiplyAdds),
        NumberText.bytes(row.outputBytes),
      ]
      table.add(cells.dropLast(count))
    }
    return table
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
    let width = rows.map(\.1.count).max() ?? 0
    return LabelledRows.lines(rows.map { ($0, $1.paddedLeft(to: width)) })
  }
}

/// What a model file says about itself, for people.
struct ModelFileText {
  private let file: ModelFile

  init(_ file: ModelFile) { self.file = file }

  /// A line for each fact.
  var lines: [String] {
    let description = file.description
    var rows = [
      ("network", description.model ?? description.network.name),
      ("classes", classes),
      ("input", "\(description.preprocessing)"),
    ]
    rows += description.metrics.sorted { $0.key < $1.key }.map { name, value in
      (name.printable, NumberText.fixed(value, decimals: value.rounded() == value ? 0 : 4))
    }
    rows += description.origin.sorted { $0.key < $1.key }.map { name, value in
      (name.printable, value.printable)
    }
    if let base = file.base { rows.append(("base", base.file.printable)) }
    return LabelledRows.lines(rows)
  }

  private var classes: String {
    let names = file.description.labels.labels.map(\.name)
    let shown = names.prefix(8).joined(separator: ", ")
    return "\(names.count): \(shown)\(names.count > 8 ? ", ..." : "")"
  }
}
