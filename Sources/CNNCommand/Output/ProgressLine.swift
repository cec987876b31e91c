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
      let text = self.text(seconds: elapsed, detail, for: .error)
      Diagnostics.writeToStandardError("\r\u{1B}[K" + text)
    } else if let plainInterval, pause > plainInterval {
      lastShown = now
      Diagnostics.writeToStandardError(text(seconds: elapsed, detail, for: .error) + "\n")
    }
  }

  /// What is said after `elapsed` seconds. On a narrow terminal the bar gives way first, and the
  /// time that is left last.
  func text(seconds elapsed: Double, _ detail: String, for terminal: Terminal) -> String {
    let share = Double(done) / Double(max(total, 1))
    let rate = Double(done - known) / max(elapsed, 1e-9)
    let speed = rate < 100 ? NumberText.fixed(rate, decimals: 1) : NumberText.grouped(Int(rate))
    let count = "\(NumberText.grouped(done))/\(NumberText.grouped(total)) \(unit)"
    let percent = "\(Int(100 * share)) %"
    let rest =
      done > known ? NumberText.duration(seconds: Double(total - done) / rate) : "?"
    func line(_ parts: String...) -> String {
      ([title] + parts + ["\(rest) left"]).filter { !$0.isEmpty }.joined(separator: "  ")
    }
    let facts = detail.isEmpty ? "\(speed) a second" : detail
    guard terminal.isInteractive else { return line(count, percent, facts) }
    let bars = [20, 10].map { width in
      let bar = ProbabilityBar(width: width, isUnicode: terminal.isUnicode)(Float(share))
      return terminal.isUnicode ? "▕\(bar)▏" : "[\(bar)]"
    }
    let forms =
      bars.map { line($0, count, facts) } + [line(count, facts), line(percent, facts)]
    // The last column stays free: some terminals begin a new line there.
    let fitting = forms.first { $0.count < terminal.width } ?? line(percent)
    return String(fitting.prefix(terminal.width - 1))
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

/// A probability as a horizontal bar of fixed width, in eighths of a character where the terminal
/// can show them.
struct ProbabilityBar {
  let width: Int
  let isUnicode: Bool

  private static let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// The bar, padded with spaces.
  func callAsFunction(_ probability: Float) -> String {
    let share = probability.isFinite ? Double(min(max(probability, 0), 1)) : 0
    let parts = Int((share * Double(width) * 8).rounded())
    let bar: String
    if isUnicode {
      let rest = parts % 8 == 0 ? "" : String(Self.eighths[parts % 8])
      bar = String(repeating: "█", count: parts / 8) + rest
    } else {
      bar = String(repeating: "#", count: (parts + 4) / 8)
    }
    return bar + String(repeating: " ", count: width - bar.count)
  }
}
