import CNNCore
import CNNSystem

/// A report as tables for people.
struct BenchTable {
  private let report: BenchReport

  init(_ report: BenchReport) { self.report = report }

  /// The steps, where they were asked for, and the totals.
  func lines(for terminal: Terminal) -> [String] {
    let steps = report.layers.map { table(of: $0).lines(for: terminal) + [""] }
    return (steps ?? []) + totals
  }

  private func table(of layers: [BenchReport.Step]) -> TextTable {
    var table = TextTable([
      ("node", .left), ("kernel", .left), ("ms", .right), ("share", .right), ("GFLOPS", .right),
    ])
    for layer in layers {
      let gigaflops = 2e-6 * Double(layer.multiplyAdds) / max(layer.medianMilliseconds, 1e-9)
      table.add([
        layer.node, layer.kernel, NumberText.fixed(layer.medianMilliseconds, decimals: 3),
        percentage(layer.medianMilliseconds / report.medianMilliseconds),
        layer.multiplyAdds == 0 ? "" : NumberText.fixed(gigaflops, decimals: 0),
      ])
    }
    return table
  }

  private var totals: [String] {
    let peakShare = report.peakGigaflops > 0 ? report.gigaflops / report.peakGigaflops : 0
    let rows = [
      ("network", "\(report.model), \(report.input.shapeDescription), batch \(report.batch)"),
      ("engine", "\(report.kernels), \(report.precision), threads: \(report.threads)"),
      ("prepare", milliseconds(report.prepareMilliseconds)),
      ("median", milliseconds(report.medianMilliseconds) + " of \(report.runs) runs"),
      ("fastest", milliseconds(report.fastestMilliseconds)),
      ("images a second", NumberText.fixed(report.imagesPerSecond, decimals: 1)),
      (
        "GFLOPS",
        NumberText.fixed(report.gigaflops, decimals: 0) + ", " + percentage(peakShare)
          + " of the measured peak of " + NumberText.fixed(report.peakGigaflops, decimals: 0)
      ),
    ]
    return LabelledRows.lines(rows)
  }

  private func milliseconds(_ value: Double) -> String {
    NumberText.fixed(value, decimals: 2) + " ms"
  }

  private func percentage(_ share: Double) -> String {
    NumberText.fixed(100 * share, decimals: 1) + " %"
  }
}
