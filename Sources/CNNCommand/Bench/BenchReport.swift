import CNNCore
import CNNSystem

/// What `cnn bench` prints, in its form as JSON.
struct BenchReport: Encodable {
  /// One step of the plan.
  struct Step: Encodable {
    /// The node that the step computes; of several fused nodes the one with the most multiply-adds.
    let node: String
    let kernel: String
    let medianMilliseconds: Double
    let multiplyAdds: Int

    private enum CodingKeys: String, CodingKey {
      case node, kernel
      case medianMilliseconds = "median_ms"
      case multiplyAdds = "multiply_adds"
    }
  }

  let model: String
  let input: [Int]
  let batch: Int
  let threads: Int
  let precision: String
  let kernels: String
  let runs: Int
  let prepareMilliseconds: Double
  /// The median time for a whole batch.
  let medianMilliseconds: Double
  let fastestMilliseconds: Double
  let imagesPerSecond: Double
  let gigaflops: Double
  let peakGigaflops: Double
  /// The steps; nil without `--layers`.
  let layers: [Step]?

  private enum CodingKeys: String, CodingKey {
    case model, input, batch, threads, precision, kernels, runs, layers
    case prepareMilliseconds = "prepare_ms"
    case medianMilliseconds = "median_ms"
    case fastestMilliseconds = "min_ms"
    case imagesPerSecond = "images_per_second"
    case gigaflops = "gflops"
    case peakGigaflops = "peak_gflops"
  }

  init(_ measurement: BenchMeasurement, model: String, listsLayers: Bool) {
    let network = measurement.network
    let median = Self.milliseconds(BenchMeasurement.median(measurement.runs))
    self.model = model
    input = network.inputShape
    batch = measurement.batch
    threads = measurement.threads
    precision = measurement.options.precision.rawValue
    kernels = measurement.options.kernels.rawValue
    runs = measurement.runs.count
    prepareMilliseconds = Self.milliseconds(measurement.preparation)
    medianMilliseconds = median
    fastestMilliseconds = Self.milliseconds(measurement.runs.min() ?? .zero)
    imagesPerSecond = Double(batch) / median * 1000
    gigaflops = 2e-6 * Double(network.multiplyAdds * batch) / median
    peakGigaflops = measurement.peak
    layers = listsLayers ? Self.steps(measurement) : nil
  }

  private static func milliseconds(_ time: Duration) -> Double { time / .milliseconds(1) }

  /// The steps, each with the multiply-adds of the nodes that were fused into it: a node belongs to
  /// the first step that computes its output, or the output of a node that reads it.
  private static func steps(_ measurement: BenchMeasurement) -> [Step] {
    let nodes = measurement.network.nodes
    let outputs = Set(measurement.steps.map(\.node))
    var owners: [String: Network.Node] = [:]
    for node in nodes where node.multiplyAdds > 0 {
      var name = node.name
      while !outputs.contains(name), let reader = nodes.first(where: { $0.inputs.contains(name) }) {
        name = reader.name
      }
      owners[name] = node
    }
    return measurement.steps.map { step in
      // A rearrangement has the name of the output that it copies, and computes nothing.
      let owner = step.kernel == "rearrange" ? nil : owners[step.node]
      return Step(
        node: owner?.name ?? step.node, kernel: step.kernel,
        medianMilliseconds: milliseconds(step.median),
        multiplyAdds: (owner?.multiplyAdds ?? 0) * measurement.batch)
    }
  }
}

/// The report as tables for people.
struct BenchTable {
  private let report: BenchReport

  init(_ report: BenchReport) { self.report = report }

  /// The steps, where the report has them, and the totals.
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
