import CNNKit
import CNNSystem

/// What a model file says of itself, for people.
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
