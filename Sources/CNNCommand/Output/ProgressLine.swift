import CNNSystem

/// One line at the bottom of the terminal that shows how much of a long job is done and how long the
/// rest will take.
///
/// It is drawn on standard error, for jobs that take longer than a second, and only on a terminal
/// that can erase a line. Elsewhere nothing is written, unless `plainInterval` asks for a line of
/// text from time to time, for `tail -f`.
struct ProgressLine {
  private let unit: String
  private let title: String
  private let total: Int
  /// Things that were done before this job began; they do not count for its speed.
  private let known: Int
  private var done = 0
  private let start = ContinuousClock.now
  private var lastShown = ContinuousClock.now
  private let isShown: Bool

  /// Seconds between two lines where no line can be erased; nil for no lines at all.
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
  /// - Parameter detail: shown instead of the speed, such as the loss.
  mutating func update(done: Int, detail: String = "") {
    self.done = done
    let now = ContinuousClock.now
    let (elapsed, pause) = ((now - start).seconds, (now - lastShown).seconds)
    guard isShown else { return }
    if Terminal.error.erasesLines {
      guard elapsed > 1, pause > 0.1 else { return }
      lastShown = now
      let text = self.text(seconds: elapsed, detail, for: .error)
      Diagnostics.writeToStandardError("\r\u{1B}[K" + text)
    } else if let plainInterval, pause > plainInterval {
      lastShown = now
      Diagnostics.writeToStandardError(text(seconds: elapsed, detail, for: .error) + "\n")
    }
  }

  /// The text of the line after `elapsed` seconds. On a narrow terminal the bar is left out first,
  /// and the remaining time last.
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
    guard terminal.erasesLines else { return line(count, percent, facts) }
    let bars = [20, 10].map { width in
      let bar = ProbabilityBar(width: width, isUnicode: terminal.isUnicode)(Float(share))
      return terminal.isUnicode ? "▕\(bar)▏" : "[\(bar)]"
    }
    let forms =
      bars.map { line($0, count, facts) } + [line(count, facts), line(percent, facts)]
    // The last column stays free: some terminals begin a new line after it.
    let fitting = forms.first { $0.count < terminal.width } ?? line(percent)
    return String(fitting.prefix(terminal.width - 1))
  }

  /// Erases the line, so that something else can be written there.
  static func clear() {
    guard Terminal.error.erasesLines else { return }
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
