import CNNCore
import CNNSystem

/// The measured times of many runs of a network.
struct BenchMeasurement {
  let network: Network
  let batch: Int
  let threads: Int
  let options: InferenceOptions
  /// The time to prepare the plan, which packs the weights.
  let preparation: Duration
  /// The times of the runs in order, without those for warming up.
  let runs: [Duration]
  /// The steps of the plan, and the median time of each.
  let steps: [(node: String, kernel: String, median: Duration)]
  /// The peak of the processor in GFLOPS, measured.
  let peak: Double

  private static let warmUp = Duration.milliseconds(300)
  private static let fewestRuns = 5

  /// Prepares the network, runs it until caches and clock rates have settled, and then measures for
  /// at least `seconds`.
  init(
    network: Network, parameters: Parameters, batch: Int, threads: Int,
    options: InferenceOptions, seconds: Double
  ) {
    let clock = ContinuousClock()
    let beginning = clock.now
    let plan = InferencePlan(
      network: network, parameters: parameters, threads: threads, options: options)
    preparation = clock.now - beginning
    let input = Self.input([batch] + network.inputShape)

    let warmBeginning = clock.now
    repeat { _ = plan.run(input) } while clock.now - warmBeginning < Self.warmUp
    var runs: [Duration] = []
    var times = plan.steps.map { _ in [Duration]() }
    let start = clock.now
    while runs.count < Self.fewestRuns || clock.now - start < .seconds(seconds) {
      let runStart = clock.now
      var last = runStart
      _ = plan.run(input) { step in
        let now = clock.now
        times[step].append(now - last)
        last = now
      }
      runs.append(clock.now - runStart)
    }
    self.network = network
    self.batch = batch
    self.threads = threads
    self.options = options
    self.runs = runs
    steps = zip(plan.steps, times).map { ($0.node, $0.kernel, Self.median($1)) }
    peak = ProcessorPeak.gigaflops(options.kernels, threads: threads)
  }

  /// The middle of the times, or the mean of the two in the middle.
  static func median(_ times: [Duration]) -> Duration {
    guard !times.isEmpty else { return .zero }
    let sorted = times.sorted()
    return (sorted[(times.count - 1) / 2] + sorted[times.count / 2]) / 2
  }

  /// Random pictures of `shape`, with elements in [-2, 2), as after preprocessing.
  static func input(_ shape: [Int]) -> Tensor {
    let count = Tensor.elementCount(of: shape)
    return Tensor(
      shape: shape,
      elements: (0..<count).map { index in
        Float(RandomNumbers.mix(UInt64(index)) >> 40) * 0x1p-22 - 2
      })
  }
}
