internal import CNNSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A range of an axis that begins and ends at round numbers, and the round numbers in it.
struct TickScale {
  /// The marked numbers, in rising order; at least two.
  let ticks: [Double]
  private let decimals: Int

  /// A scale that holds `range`.
  ///
  /// - Parameters:
  ///   - count: about how many ticks there are.
  ///   - isWhole: whether only whole numbers are marked.
  init(_ range: ClosedRange<Double>, count: Int = 5, isWhole: Bool = false) {
    let least = isWhole ? 1.0 : 1e-12
    let span = max(range.upperBound - range.lowerBound, least)
    var step = max(least, Self.roundStep(span / Double(count)))
    if isWhole { step = max(1, step.rounded(.up)) }
    let first = (range.lowerBound / step + 1e-9).rounded(.down)
    let last = max(first + 1, (range.upperBound / step - 1e-9).rounded(.up))
    ticks = (Int(first)...Int(last)).map { Double($0) * step }
    decimals = max(0, min(12, -Int(floor(log10(step) + 1e-9))))
  }

  /// The least and the greatest number of the axis.
  var range: ClosedRange<Double> { (ticks.first ?? 0)...(ticks.last ?? 1) }

  /// A tick as it is written, with the decimals that the step needs.
  func text(_ tick: Double) -> String { NumberText.fixed(tick, decimals: decimals) }

  /// The round step, 1, 2 or 5 times a power of ten, next above `step`.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, floor(log10(step)))
    let factor = [1.0, 2, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10
    return factor * power
  }
}
