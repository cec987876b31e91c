#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is known about the place that output goes to.
struct Terminal: Sendable {
  /// Whether a person looks at it, rather than a file or another program.
  let isInteractive: Bool
  /// Columns.
  let width: Int
  /// Whether characters beyond ASCII can be shown.
  let isUnicode: Bool

  /// What stands for the part of a text that did not fit.
  var ellipsis: String { isUnicode ? "…" : "..." }

  /// The character of a rule below a table's head.
  var rule: Character { isUnicode ? "─" : "-" }

  /// Standard output, as wide as it is now.
  static var output: Terminal { Terminal(descriptor: STDOUT_FILENO) }
  /// Standard error, as wide as it is now.
  static var error: Terminal { Terminal(descriptor: STDERR_FILENO) }

  /// A terminal of known properties.
  init(isInteractive: Bool, width: Int, isUnicode: Bool) {
    self.isInteractive = isInteractive
    self.width = width
    self.isUnicode = isUnicode
  }

  private init(descriptor: Int32) {
    isInteractive = isatty(descriptor) == 1
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = isKnown ? Int(size.ws_col) : 80
    let variables: [String] = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = variables.lazy
      .compactMap { name in getenv(name).map { String(cString: $0) } }
      .first { !$0.isEmpty }
    let encoding = (locale ?? "").uppercased()
    isUnicode = encoding.contains("UTF-8") || encoding.contains("UTF8")
  }
}

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
