import CNNPlatform

/// What is known about the place that output goes to.
struct Terminal: Sendable {
  /// Whether a person reads it, rather than a file or another program.
  let isInteractive: Bool
  /// Columns.
  let width: Int
  /// Whether characters beyond ASCII can be shown.
  let isUnicode: Bool
  /// Whether a line can be erased and drawn again. `TERM=dumb` says that escape codes would be shown
  /// as they are.
  let erasesLines: Bool

  /// What stands for the part of a text that did not fit.
  var ellipsis: String { isUnicode ? "…" : "..." }

  /// The character of the line below a table's titles.
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
    erasesLines = isInteractive
  }

  private init(descriptor: Int32) {
    isInteractive = isatty(descriptor) == 1
    let name = Self.environment("TERM")
    erasesLines = isInteractive && name != nil && name != "dumb"
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = isKnown ? Int(size.ws_col) : 80
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(Self.environment).first
    let encoding = (locale ?? "").uppercased()
    isUnicode = encoding.contains("UTF-8") || encoding.contains("UTF8")
  }

  /// The value of a variable; nil where it is not set or empty.
  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension String {
  /// Which end of a text stays where not all of it fits.
  enum VisiblePart {
    case start, end
  }

  /// The text, cut to `width` characters with an ellipsis for the rest where it is longer.
  func shortened(
    to width: Int, showing part: VisiblePart = .start, for terminal: Terminal
  ) -> String {
    guard count > width else { return self }
    let ellipsis = terminal.ellipsis
    let room = Swift.max(0, width - ellipsis.count)
    return part == .start ? prefix(room) + ellipsis : ellipsis + suffix(room)
  }

  /// The text with spaces behind it, so that it has at least `width` characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  /// The text with spaces before it, so that it has at least `width` characters.
  func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }

  /// The text in lines of at most `width` characters, broken at spaces; later lines are indented
  /// by two more than the first. A longer word gets a line of its own and is not cut, because it may
  /// be a path that somebody wants to copy.
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
