import CNNCore
import CNNKit
import CNNSystem
import CNNTestSupport
import Testing

@testable import CNNTraining

/// What each choice keeps of a network, what it trains, and what is new.
@Suite struct TransferTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: String
    let transfer: Transfer
    /// The last node that is kept.
    let kept: String
    /// The node whose outputs are cached; nil for the picture.
    let features: String?
    let trained: [String]
    var testDescription: String { "\(model) \(transfer.freeze) \(transfer.head?.widths ?? [])" }
  }

  static let cases = [
    Case(
      model: "vgg11", transfer: Transfer(), kept: "drop7", features: "relu6", trained: ["fc8"]),
    Case(
      model: "vgg11", transfer: Transfer(freeze: .convolutions), kept: "pool5", features: "flatten",
      trained: ["fc6", "fc7", "fc8"]),
    Case(
      model: "vgg11", transfer: Transfer(freeze: .convolutions, keepsLinearLayers: true),
      kept: "drop7", features: "flatten", trained: ["fc6", "fc7", "fc8"]),
    Case(
      model: "vgg11", transfer: Transfer(freeze: .through("fc6")), kept: "drop7",
      features: "relu6", trained: ["fc7", "fc8"]),
    Case(
      model: "vgg11", transfer: Transfer(freeze: .layers(9)), kept: "drop7", features: "relu6",
      trained: ["fc7", "fc8"]),
    Case(
      model: "vgg11",
      transfer: Transfer(freeze: .convolutions, head: ClassifierHead(widths: [7, 5, 3])),
      kept: "pool5", features: "flatten", trained: ["fc1", "fc2", "fc3", "fc4"]),
    Case(
      model: "resnet18", transfer: Transfer(), kept: "avgpool", features: "avgpool",
      trained: ["fc"]),
    Case(
      model: "resnet18",
      transfer: Transfer(freeze: .convolutions, head: ClassifierHead(widths: [8])),
      kept: "avgpool", features: "avgpool", trained: ["fc1", "fc2"]),
    // A new layer is never frozen.
    Case(
      model: "resnet18", transfer: Transfer(head: ClassifierHead(widths: [8])),
      kept: "avgpool", features: "avgpool", trained: ["fc1", "fc2"]),
    Case(
      model: "squeezenet1.0", transfer: Transfer(), kept: "drop9", features: "fire9/concat",
      trained: ["conv10"]),
  ]

  @Test(arguments: cases) func keepsAndTrains(_ test: Case) throws {
    let model = try CNNModel(named: test.model)
    #expect(try test.transfer.lastKeptNode(of: try model.network()) == test.kept)
    var options = LoadingOptions()
    options.inputSize = 64
    let network = try TransferredNetwork(
      randomFor: model, weightsSeed: 1, options: options, transfer: test.transfer,
      classNames: ["a", "b", "c"], seed: 2)
    #expect(network.network.classCount == 3)
    #expect(network.features == test.features)
    let trained = network.network.nodes.filter {
      !$0.parameters.isEmpty && !network.frozen.contains($0.name)
    }
    #expect(trained.map(\.name) == test.trained)
    #expect(network.network.inputSize == 64)
  }

  /// The tutorial's VGG16 for MNIST at 48x48: the trunk, and a head of 4096-4096-10.
  @Test func vgg16ForDigits() throws {
    var options = LoadingOptions()
    options.inputSize = 48
    let network = try TransferredNetwork(
      randomFor: try CNNModel(named: "vgg16"), weightsSeed: 1, options: options,
      transfer: Transfer(
        freeze: .convolutions, head: ClassifierHead(widths: [4096, 4096], dropout: 0.5)),
      classNames: (0...9).map(String.init), seed: 2)
    let all = network.network.parameterCount
    let frozen = network.network.parameters.filter { network.frozen.contains($0.node) }
      .reduce(0) { $0 + $1.count }
    #expect(all == 33_638_218)
    #expect(frozen == 14_714_688)
    #expect(all - frozen == 18_923_530)
  }

  @Test func keptWeightsAreThoseOfTheFile() throws {
    let model = try CNNModel(named: "lenet5")
    let network = try TransferredNetwork(
      randomFor: model, weightsSeed: 1, transfer: Transfer(freeze: .none),
      classNames: ["a", "b"], seed: 2)
    let pretrained = Parameters.random(for: try model.network(), seed: 1)
    for parameter in network.network.parameters where !parameter.name.hasPrefix("fc3") {
      #expect(
        network.parameters[parameter.name].tensor() == pretrained[parameter.name].tensor(),
        "\(parameter.name)")
    }
    let last = network.parameters["fc3.weight"]
    #expect(last.shape == [2, 84])
    // 1 / sqrt(84) bounds the new weights, and they fill the range.
    let largest = last.tensor().elements.map(abs).max() ?? 0
    #expect((0.1...0.10912).contains(largest))
  }

  /// Weights of a converter are told from trained and from new ones.
  @Test func foldedStatisticsAreFound() throws {
    let network = try CNNModel(named: "cifar-resnet20").network()
    let trained = SyntheticNumbers.parameters(of: network)
    var arrays: [String: ParameterArray] = [:]
    for parameter in network.parameters {
      let isVariance = parameter.name.hasSuffix("running_var")
      arrays[parameter.name] =
        parameter.role == .statistic
        ? ParameterArray(
          Tensor(
            shape: parameter.shape,
            elements: repeatElement(isVariance ? 1 : 0, count: parameter.count)))
        : trained[parameter.name]
    }
    let folded = Parameters(arrays, for: network)
    #expect(network.hasFoldedStatistics(in: folded, frozen: []))
    #expect(!network.hasFoldedStatistics(in: trained, frozen: []))
    #expect(!network.hasFoldedStatistics(in: .random(for: network, seed: 1), frozen: []))
    let norms = network.nodes.filter { if case .batchNorm = $0.layer { true } else { false } }
    #expect(!network.hasFoldedStatistics(in: folded, frozen: Set(norms.map(\.name))))
  }

  @Test func nothingToTrainIsRefused() throws {
    #expect(throws: CNNError.self) {
      try TransferredNetwork(
        randomFor: try CNNModel(named: "lenet5"), weightsSeed: 1,
        transfer: Transfer(freeze: .through("fc3")), classNames: ["a", "b"], seed: 2)
    }
    #expect(throws: CNNError.self) {
      try TransferredNetwork(
        randomFor: try CNNModel(named: "lenet5"), weightsSeed: 1,
        transfer: Transfer(freeze: .layers(5)), classNames: ["a", "b"], seed: 2)
    }
    let random = #expect(throws: CNNError.self) {
      try TransferredNetwork(
        randomFor: try CNNModel(named: "lenet5"), weightsSeed: 1,
        transfer: Transfer(freeze: .through("fc1"), head: ClassifierHead(widths: [8])),
        classNames: ["a", "b"], seed: 2)
    }
    #expect(random?.found == "everything up to fc1 frozen, and fc1 is new")
  }
}
