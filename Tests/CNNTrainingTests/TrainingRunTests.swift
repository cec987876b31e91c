import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// Ten steps of training against PyTorch in double precision: losses, gradient norms and every
/// weight at the end.
@Suite struct TrainingRunTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let kind: String
    let optimizer: String
    let frozen: [String]
    let statistics: NormStatistics
    let losses: [Double]
    let norms: [Double]
    let weights: [String: FixtureTensor]
    var testDescription: String { "\(kind) \(optimizer) \(statistics) \(frozen)" }
  }

  static let cases = [
    "network_sgd", "network_adam", "network_frozen", "network_running", "head_sgd", "head_adam",
  ].compactMap { try? Fixture("training_run_\($0).json").decode(Case.self) }

  @Test func fixturesAreThere() { #expect(Self.cases.count == 6) }

  /// The `SmallNetwork` of the script: groups, LRN, batch normalisation, sum, concatenation, all
  /// poolings.
  static func smallNetwork() throws -> Network {
    let three = Padding.explicit(1)
    return try Network(
      name: "small", inputShape: [3, 15, 13],
      steps: [
        (
          "conv1", .convolution(Convolution(channels: 8, kernel: 3, stride: 2, padding: three)),
          ["input"]
        ),
        ("relu1", .relu, ["conv1"]),
        (
          "norm1",
          .localResponseNorm(LocalResponseNorm(radius: 2, alpha: 0.05, beta: 0.75, bias: 1)),
          ["relu1"]
        ),
        (
          "conv2",
          .convolution(
            Convolution(channels: 8, kernel: 3, padding: three, groups: 2, bias: false)),
          ["norm1"]
        ),
        ("bn2", .batchNorm(epsilon: 1e-5), ["conv2"]),
        ("relu2", .relu, ["bn2"]),
        ("sum", .add, ["norm1", "relu2"]),
        ("squeeze", .convolution(Convolution(channels: 4, kernel: 1)), ["sum"]),
        ("concat", .concat, ["sum", "squeeze"]),
        ("pool", .maxPool(Window(kernel: 3, stride: 2, padding: three)), ["concat"]),
        ("mean", .averagePool(Window(kernel: 2)), ["pool"]),
        ("adaptive", .adaptiveAveragePool(2), ["mean"]),
        ("flatten", .flatten(.channelHeightWidth), ["adaptive"]),
        ("fc", .linear(outputs: 3), ["flatten"]),
        ("prob", .softmax, ["fc"]),
      ])
  }

  static func head() throws -> Network {
    try Network(
      name: "head", inputShape: [2, 6, 6],
      steps: [
        ("flatten", .flatten(.channelHeightWidth), ["input"]),
        ("fc6", .linear(outputs: 33), ["flatten"]), ("relu6", .relu, ["fc6"]),
        ("drop6", .dropout(rate: 0.5), ["relu6"]), ("fc7", .linear(outputs: 5), ["drop6"]),
      ])
  }

  /// A run as the script makes it.
  struct Run {
    var pass: TrainingPass
    var parameters: TrainingParameters
    var optimizer: Optimizer
    var state: OptimizerState
    var losses: [Double] = []
    var norms: [Double] = []

    init(
      _ test: Case, kernels: KernelSet = .automatic, threads: Int,
      layout: ParameterArray.Layout = .outputInput
    ) throws {
      let network = try test.kind == "network" ? smallNetwork() : head()
      pass = TrainingPass(
        network: network, frozen: Set(test.frozen), statistics: test.statistics, kernels: kernels,
        threads: threads)
      let native = SyntheticNumbers.parameters(of: network)
      parameters = TrainingParameters(
        layout == .outputInput ? native : native.transposingLinear(network), of: pass.nodes)
      optimizer =
        test.optimizer == "sgd"
        ? .sgd(SGD(momentum: 0.9, nesterov: true, weightDecay: 0.01))
        : .adam(Adam(weightDecay: 0.01))
      state = OptimizerState(optimizer, for: pass.trainedParameters, of: parameters)
    }

    mutating func step(_ number: Int, _ shape: [Int], drops: Bool = false) {
      let count = 6 * shape.reduce(1, *)
      let input = Tensor(
        shape: [6] + shape,
        elements: SyntheticNumbers.uniform(count: count, stream: 1000 + number).map { 2 * $0 })
      let randomness = TrainingRandomness(seed: 3, step: number, drops: drops)
      let forward = pass.forward(input, parameters: parameters, randomness: randomness)
      let statistics = forward.statistics
      let loss = SoftmaxCrossEntropy()(
        forward.logits, labels: (0..<6).map { ($0 + number) % 3 })
      let gradients = pass.backward(
        forward, logitsGradient: loss.logitsGradient, parameters: parameters,
        randomness: randomness)
      let isSGD = if case .sgd = optimizer { true } else { false }
      let norm = optimizer.step(
        &parameters, gradients, &state, rate: isSGD ? 0.02 : 0.003,
        clippingNorm: isSGD ? 0.8 : nil, kernels: pass.kernels, threads: pass.threads)
      for (name, values) in statistics { parameters.replace(name, with: ParameterArray(values)) }
      losses.append(loss.mean)
      norms.append(norm)
    }
  }

  @Test(arguments: cases, [ParameterArray.Layout.outputInput, .inputOutput])
  func agreesWithPyTorch(_ test: Case, layout: ParameterArray.Layout) throws {
    for kernels in KernelSet.available {
      try compare(Run(test, kernels: kernels, threads: 2, layout: layout), test)
    }
  }

  private func compare(_ run: Run, _ test: Case) {
    var run = run
    let shape = test.kind == "network" ? [3, 15, 13] : [2, 6, 6]
    for step in test.losses.indices { run.step(step, shape) }
    // Float32 on the way: some 1e-6 of values near 1, carried through ten steps. The losses change
    // by a tenth from step to step.
    for (actual, expected) in zip(run.losses, test.losses) {
      #expect(abs(actual - expected) < 1e-5, "loss \(actual), expected \(expected)")
    }
    for (actual, expected) in zip(run.norms, test.norms) {
      #expect(abs(actual - expected) < 1e-4 * max(1, expected), "norm \(actual) for \(expected)")
    }
    // Adam divides by the root of the gradient's square: a gradient near 0 keeps its sign but for
    // rounding, so one step of the rate 0.003 bounds the error and 1 % of it is allowed.
    let tolerance: Float = test.optimizer == "sgd" ? 1e-5 : 3e-5
    for (name, expected) in test.weights {
      expectClose(run.parameters[name].tensor(), expected.tensor, absolute: tolerance, name)
    }
  }

  /// Dropout on, several panels of a linear layer: the trained bits are those of one thread.
  @Test(arguments: cases) func sameBitsAtAnyThreadCount(_ test: Case) throws {
    func bits(_ kernels: KernelSet, threads: Int) throws -> [[UInt32]] {
      let shape = test.kind == "network" ? [3, 15, 13] : [2, 6, 6]
      var run = try Run(test, kernels: kernels, threads: threads)
      for step in 0..<3 { run.step(step, shape, drops: true) }
      return run.parameters.descriptions.map { run.parameters[$0.name].tensor().bitPatterns }
    }
    for kernels in KernelSet.available {
      let expected = try bits(kernels, threads: 1)
      for threads in 2...4 { #expect(try bits(kernels, threads: threads) == expected) }
    }
  }
}

extension Parameters {
  /// The same numbers, with every linear weight in TensorFlow's order in memory.
  func transposingLinear(_ network: Network) -> Parameters {
    var arrays: [String: ParameterArray] = [:]
    for parameter in network.parameters {
      let array = self[parameter.name]
      guard parameter.shape.count == 2 else {
        arrays[parameter.name] = array
        continue
      }
      let swapped = ParameterArray(
        shape: array.shape.reversed(), layout: .inputOutput, bytes: array.bytes
      ).tensor()
      arrays[parameter.name] = ParameterArray(
        shape: array.shape, layout: .inputOutput, bytes: swapped.bytes)
    }
    return Parameters(arrays, for: network)
  }
}
