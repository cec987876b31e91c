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
