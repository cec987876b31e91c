extension String {
  /// A name from a file for people: one line, without control characters, and not endless.
  package var printable: String {
    let limit = 120
    let text = unicodeScalars.prefix(limit + 1).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        "\\u{\(Swift.String(scalar.value, radix: 16))}"
      default: Swift.String(scalar)
      }
    }
    return text.count > limit ? text.dropLast().joined() + "..." : text.joined()
  }
}

extension String {
  /// Whether nothing in it is a control character but tabs: terminals obey others.
  package var isPlainText: Bool {
    unicodeScalars.allSatisfy { $0.properties.generalCategory != .control || $0 == "\t" }
  }
}
