import CNNCore

/// What `cnn bench` tells, in the form in which it is printed as JSON.
struct BenchReport: Encodable {
  /// One step of the plan.
  struct Step: Encodable {
    /// The node whose work it is; of several that were joined the heaviest.
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
  /// Of a whole batch.
  let medianMilliseconds: Double
  let fastestMilliseconds: Double
  let imagesPerSecond: Double
  let gigaflops: Double
  let peakGigaflops: Double
  /// Nil where they were not asked for.
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

  /// The steps, each with the multiply-adds of all nodes that were joined in it: a node belongs to
  /// the first step that makes its result, or that of a node behind it.
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
      // A rearrangement carries the name of the result that it moves.
      let owner = step.kernel == "rearrange" ? nil : owners[step.node]
      return Step(
        node: owner?.name ?? step.node, kernel: step.kernel,
        medianMilliseconds: milliseconds(step.median),
        multiplyAdds: (owner?.multiplyAdds ?? 0) * measurement.batch)
    }
  }
}
