internal import CNNPlatform
internal import CNNSystem

/// The range of an axis and the round values that are marked on it.
struct TickScale {
  /// The marked values, in rising order.
  let ticks: [Double]
  private let decimals: Int

  /// A scale that contains `range` and begins and ends at marked values.
  ///
  /// - Parameters:
  ///   - count: about how many ticks there are.
  init(_ range: ClosedRange<Double>, count: Int = 5) {
    let span = max(range.upperBound - range.lowerBound, 1e-12)
    let step = Self.roundStep(span / Double(count))
    let first = (range.lowerBound / step + 1e-9).rounded(.down)
    let last = max(first + 1, (range.upperBound / step - 1e-9).rounded(.up))
    ticks = (Int(first)...Int(last)).map { Double($0) * step }
    decimals = max(0, min(12, -Int(floor(log10(step) + 1e-9))))
    self.range = first * step...last * step
  }

  /// Marks inside `range`, which the axis does not leave: for counted things, such as epochs.
  init(whole range: ClosedRange<Double>, count: Int) {
    let step = max(1, Self.roundStep((range.upperBound - range.lowerBound) / Double(count)))
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step).rounded(.down)
    ticks = first <= last ? (Int(first)...Int(last)).map { Double($0) * step } : [range.lowerBound]
    decimals = 0
    self.range = range
  }

  /// The least and the greatest value of the axis.
  let range: ClosedRange<Double>

  /// A tick as it is written, with the decimals that the step needs.
  func text(_ tick: Double) -> String { NumberText.fixed(tick, decimals: decimals) }

  /// The round step, 1, 2 or 5 times a power of ten, next above `step`.
  private static func roundStep(_ step: Double) -> Double {
    guard step > 0 else { return 1 }
    let power = pow(10, floor(log10(step)))
    let factor = [1.0, 2, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10
    return factor * power
  }
}
