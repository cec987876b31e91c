extension String {
  /// Which part of a text is kept where not all of it fits.
  enum KeptPart {
    case start, end
  }

  /// The text, or so much of it that it has `width` characters with the ellipsis for the rest.
  func shortened(
    to width: Int, keeping part: KeptPart = .start, for terminal: Terminal
  ) -> String {
    guard count > width else { return self }
    let ellipsis = terminal.ellipsis
    let kept = Swift.max(0, width - ellipsis.count)
    return part == .start ? prefix(kept) + ellipsis : ellipsis + suffix(kept)
  }

  /// The text with spaces behind it, so that it has at least `width` characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  /// The text in lines of at most `width` characters, broken at spaces; later lines are indented
  /// by two more than the first. A longer word has a line of its own, which nothing cuts: it may be
  /// a path that somebody wants to copy.
  func wrapped(to width: Int) -> [String] {
    guard count > width else { return [self] }
    let indent = String(prefix { $0 == " " })
    var lines: [String] = []
    var line = indent
    var isEmpty = true
    for word in dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = indent + "  "
        isEmpty = true
      }
      line += isEmpty ? word : " " + word
      isEmpty = false
    }
    return lines + [line]
  }
}
