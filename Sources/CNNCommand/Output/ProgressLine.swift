import CNNSystem

/// One line at the bottom of the terminal that says how far a long job is and when it will end.
///
/// It is drawn on standard error, and only where that is a terminal; it appears only for jobs that
/// take longer than a second. Elsewhere nothing is written, unless `plainInterval` asks for a line
/// of text now and then, good to `tail -f`.
struct ProgressLine {
  private let unit: String
  private let title: String
  private let total: Int
  /// Things that were done before this job began, which say nothing about its speed.
  private let known: Int
  private var done = 0
  private let start = ContinuousClock.now
  private var lastShown = ContinuousClock.now
  private let isShown: Bool
  private let bar = ProbabilityBar(width: 20, isUnicode: Terminal.error.isUnicode)

  /// Seconds between two lines where standard error is no terminal; nil for none at all.
  var plainInterval: Double?

  /// A line for `total` things called `unit`.
  init(total: Int, unit: String, title: String = "", isQuiet: Bool, known: Int = 0) {
    self.total = total
    self.unit = unit
    self.title = title
    self.known = known
    isShown = total > 1 && !isQuiet
  }

  /// Counts `count` more things as done and draws the line.
  mutating func advance(by count: Int) { update(done: done + count) }

  /// Draws the line for `done` things, at most ten times a second.
  ///
  /// - Parameter detail: what else there is to say.
  mutating func update(done: Int, detail: String = "") {
    self.done = done
    let now = ContinuousClock.now
    let (elapsed, pause) = ((now - start).seconds, (now - lastShown).seconds)
    guard isShown else { return }
    if Terminal.error.isInteractive {
      guard elapsed > 1, pause > 0.1 else { return }
      lastShown = now
      let text = self.text(elapsed, detail, withBar: true)
      Diagnostics.writeToStandardError("\r\u{1B}[K" + text.prefix(Terminal.error.width - 1))
    } else if let plainInterval, pause > plainInterval {
      lastShown = now
      Diagnostics.writeToStandardError(text(elapsed, detail, withBar: false) + "\n")
    }
  }

  private func text(_ elapsed: Double, _ detail: String, withBar: Bool) -> String {
    let rate = Double(done - known) / max(elapsed, 1e-9)
    let rest =
      done > known ? NumberText.duration(seconds: Double(total - done) / rate) : "?"
    let share = Double(done) / Double(max(total, 1))
    var parts: [String] = []
    if !title.isEmpty { parts.append(title) }
    if withBar { parts.append(bar(Float(share))) }
    parts.append("\(done)/\(total) \(unit)")
    if !withBar { parts.append("\(Int(100 * share)) %") }
    if detail.isEmpty { parts.append("\(NumberText.fixed(rate, decimals: 1)) a second") }
    if !detail.isEmpty { parts.append(detail) }
    parts.append("\(rest) left")
    return parts.joined(separator: "  ")
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
