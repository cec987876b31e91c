import CNNCore
import CNNTestSupport
import Testing

/// The logits of every family with all kernels against PyTorch in double precision, on the same
/// formula weights.
///
/// Logits and not labels: a ReLU behind the last layer, or dropout in the wrong place, changes no
/// label.
@Suite struct NetworkLogitsTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let network: String
    let input: [Int]
    let logits: [Float]
    var testDescription: String { network }
  }

  static let cases = (try? Fixture("network_logits.json").decode([Case].self)) ?? []

  static func network(_ name: String, _ options: NetworkOptions) throws -> Network {
    switch name {
    case "alexnet": try AlexNet.grouped(options)
    case "caffenet": try AlexNet.grouped(options, order: .afterPooling)
    case "alexnet-owt": try AlexNet.oneWeirdTrick(options)
    case "vgg11-lrn": try VGG.network(.aLRN, options)
    case "vgg13": try VGG.network(.b, options)
    case "vgg16-c": try VGG.network(.c, options)
    case "vgg16": try VGG.network(.d, options)
    case "vgg19-bn": try VGG.network(.e, batchNorm: true, options)
    case "resnet18": try ResNet.network(.layers18, options)
    case "resnet50": try ResNet.network(.layers50, options)
    case "resnet50-keras": try ResNet.network(.layers50, variant: .keras, options)
    case "squeezenet1.0": try SqueezeNet.network(.v1_0, options)
    case "squeezenet1.1": try SqueezeNet.network(.v1_1, options)
    case "lenet5": try LeNet5.network(options)
    case "cifar-resnet20": try CIFARResNet.network(blocksPerStage: 3, options)
    default: throw UnknownNetwork(name: name)
    }
  }

  struct UnknownNetwork: Error {
    let name: String
  }

  @Test func theFixtureIsThere() {
    #expect(Self.cases.count == 15)
  }

  @Test(arguments: cases, KernelSet.available)
  func logitsEqualPyTorchs(_ golden: Case, kernels: KernelSet) throws {
    let network = try Self.network(
      golden.network,
      NetworkOptions(
        classes: 10, inputChannels: golden.input[0],
        inputSize: Extent(height: golden.input[1], width: golden.input[2])))
    #expect(network.name == golden.network)
    let parameters = SyntheticNumbers.parameters(of: network)
    let plan = InferencePlan(
      network: network, parameters: parameters, output: network.logitsNode.name,
      options: InferenceOptions(kernels: kernels))
    let input = SyntheticNumbers.input([2] + golden.input)
    let logits = plan.run(input)
    // Float32 through up to 50 layers: a few parts in a million of the largest logit. PyTorch's
    // own Float32 is as far from its double.
    let largest = golden.logits.map(abs).max() ?? 0
    expectClose(logits.elements, golden.logits, absolute: 5e-6 * largest, golden.network)

    // The same bits for a picture alone and on one thread.
    let alone = InferencePlan(
      network: network, parameters: parameters, output: network.logitsNode.name, threads: 1,
      options: InferenceOptions(kernels: kernels)
    ).run(input.rows[1])
    #expect(Array(logits.elements[10...]) == alone.elements)
  }
}
