/// One line at the bottom of the terminal that says how far a long job is and when it will end.
///
/// It is drawn on standard error, and only where that is a terminal, so files and pipes never see
/// it; it appears only for jobs that take longer than a second.
struct ProgressLine {
  private let unit: String
  private let total: Int
  private var done = 0
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private let isShown: Bool

  /// A line for `total` things called `unit`.
  init(total: Int, unit: String, isQuiet: Bool) {
    self.total = total
    self.unit = unit
    isShown = Terminal.error.isInteractive && total > 1 && !isQuiet
  }

  /// Counts `count` more things as done and draws the line, at most ten times a second.
  mutating func advance(by count: Int) {
    done += count
    let now = ContinuousClock.now
    let elapsed = (now - start).seconds
    guard isShown, elapsed > 1, (now - lastDrawn).seconds > 0.1 else { return }
    lastDrawn = now
    let rate = Double(done) / elapsed
    let rest = done > 0 ? NumberText.duration(seconds: Double(total - done) / rate) : "?"
    let percent = 100 * done / max(total, 1)
    let text =
      "\(done)/\(total) \(unit), \(percent) %, \(NumberText.fixed(rate, decimals: 1)) a second, "
      + "\(rest) left"
    Diagnostics.writeToStandardError("\r\u{1B}[K" + text.prefix(Terminal.error.width - 1))
  }

  /// Takes the line away, so that something else can be written there.
  static func clear() {
    guard Terminal.error.isInteractive else { return }
    Diagnostics.writeToStandardError("\r\u{1B}[K")
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
