import CNNCore
import CNNSystem
import CNNTraining

/// The measured times of many steps of fine-tuning on random inputs.
struct TrainingMeasurement {
  let network: Network
  let batch: Int
  let threads: Int
  /// The node whose outputs the step starts from, as from the feature cache; nil for the picture.
  let features: String?
  /// The number of parameters that are trained.
  let trainedParameters: Int
  /// The times of the steps in order, without those for warming up.
  let runs: [Duration]

  private static let warmUpSteps = 2
  private static let fewestSteps = 5

  /// Measures steps of SGD with momentum and weight decay for at least `seconds`.
  ///
  /// - Throws: `usage` where nothing is left to train.
  init(
    network: Network, parameters: Parameters, freeze: Freeze, batch: Int, threads: Int,
    seconds: Double
  ) throws(CNNError) {
    let frozen = try network.frozenNodes(freeze)
    let features = network.featureNode(frozen: frozen)?.name
    let pass = TrainingPass(
      network: network, features: features, frozen: frozen, threads: threads)
    guard !pass.trainedParameters.isEmpty else {
      throw CNNError(
        .usage, .mismatch, "\(network.name) would have no layer to train",
        found: "everything up to \(freeze) frozen", remedy: "Freeze less")
    }
    let shape = features.flatMap { network.node($0)?.outputShape } ?? network.inputShape
    let input = BenchMeasurement.input([batch] + shape)
    let classes = network.logitsNode.outputShape.reduce(1, *)
    let labels = (0..<batch).map { $0 % classes }

    var step = TrainingBenchStep(pass, parameters)
    for _ in 0..<Self.warmUpSteps { step.make(input, labels: labels) }
    let clock = ContinuousClock()
    var runs: [Duration] = []
    let start = clock.now
    while runs.count < Self.fewestSteps || clock.now - start < .seconds(seconds) {
      let beginning = clock.now
      step.make(input, labels: labels)
      runs.append(clock.now - beginning)
    }
    self.network = network
    self.batch = batch
    self.threads = threads
    self.features = features
    self.runs = runs
    trainedParameters = pass.trainedParameters.reduce(0) { $0 + $1.count }
  }
}

/// The state of a training, and its step.
private struct TrainingBenchStep {
  private let pass: TrainingPass
  private let optimizer = Optimizer.sgd(SGD(momentum: 0.9, weightDecay: 5e-4))
  private let loss = SoftmaxCrossEntropy()
  private var parameters: TrainingParameters
  private var state: OptimizerState

  init(_ pass: TrainingPass, _ parameters: Parameters) {
    self.pass = pass
    self.parameters = TrainingParameters(parameters, of: pass.nodes)
    state = OptimizerState(optimizer, for: pass.trainedParameters, of: self.parameters)
  }

  mutating func make(_ input: Tensor, labels: [Int]) {
    let randomness = TrainingRandomness(seed: 1, step: state.steps)
    let forward = pass.forward(input, parameters: parameters, randomness: randomness)
    let value = loss(forward.logits, labels: labels)
    let gradients = pass.backward(
      forward, logitsGradient: value.logitsGradient, parameters: parameters,
      randomness: randomness)
    // So small a rate keeps the random network finite over any number of steps.
    optimizer.step(&parameters, gradients, &state, rate: 1e-6, threads: pass.threads)
  }
}

/// What `cnn bench --training` prints, in its form as JSON and as lines for people.
struct TrainingBenchReport: Encodable {
  let model: String
  let input: [Int]
  let batch: Int
  let threads: Int
  /// The node whose outputs the step starts from, or `input`.
  let features: String
  let trainedParameters: Int
  let steps: Int
  /// The median time of a step.
  let medianMilliseconds: Double
  let fastestMilliseconds: Double
  let imagesPerSecond: Double

  private enum CodingKeys: String, CodingKey {
    case model, input, batch, threads, features, steps
    case trainedParameters = "trained_parameters"
    case medianMilliseconds = "median_ms"
    case fastestMilliseconds = "min_ms"
    case imagesPerSecond = "images_per_second"
  }

  init(_ measurement: TrainingMeasurement, model: String) {
    self.model = model
    input = measurement.network.inputShape
    batch = measurement.batch
    threads = measurement.threads
    features = measurement.features ?? Network.inputName
    trainedParameters = measurement.trainedParameters
    steps = measurement.runs.count
    medianMilliseconds = BenchMeasurement.median(measurement.runs) / .milliseconds(1)
    fastestMilliseconds = (measurement.runs.min() ?? .zero) / .milliseconds(1)
    imagesPerSecond = Double(batch) / medianMilliseconds * 1000
  }

  /// The report for people.
  var rows: [(label: String, value: String)] {
    [
      ("network", "\(model), \(input.shapeDescription), batch \(batch)"),
      ("a step", "forward after \(features), backward, SGD with momentum; threads: \(threads)"),
      ("trained", NumberText.grouped(trainedParameters) + " parameters"),
      ("median", NumberText.fixed(medianMilliseconds, decimals: 2) + " ms of \(steps) steps"),
      ("fastest", NumberText.fixed(fastestMilliseconds, decimals: 2) + " ms"),
      ("images a second", NumberText.fixed(imagesPerSecond, decimals: 1)),
    ]
  }
}
