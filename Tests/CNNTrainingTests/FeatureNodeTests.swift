import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

@Suite struct FeatureNodeTests {
  private func feature(_ network: Network, _ freeze: Freeze) throws -> String? {
    network.featureNode(frozen: try network.frozenNodes(freeze))?.name
  }

  @Test func placesInPublishedNetworks() throws {
    let vgg = try VGG.network(.d)
    #expect(try feature(vgg, .convolutions) == "flatten")
    // What dropout makes is new in every step.
    #expect(try feature(vgg, .allButLast) == "relu6")
    #expect(try feature(vgg, .through("conv3_3")) == "pool3")
    #expect(try feature(vgg, .none) == nil)
    let cifar = try CIFARResNet.network(blocksPerStage: 3)
    #expect(try feature(cifar, .allButLast) == "avgpool")
    // Inside a block the shortcut goes around: the place is the end of the block before.
    #expect(try feature(cifar, .through("layer2.1.conv1")) == "layer2.0.relu")
  }

  /// From the features on, the gradients are those of the whole network.
  @Test func gradientsFromFeaturesAreThoseOfTheWhole() throws {
    let network = try TrainingRunTests.smallNetwork()
    let frozen: Set<String> = ["conv1", "conv2", "bn2"]
    let feature = try #require(network.featureNode(frozen: frozen))
    #expect(feature.name == "sum")
    let native = SyntheticNumbers.parameters(of: network)
    let input = SyntheticNumbers.input([3, 3, 15, 13])
    let randomness = TrainingRandomness(seed: 1, step: 1)
    func gradients(_ pass: TrainingPass, _ input: Tensor) -> [[UInt32]] {
      let parameters = TrainingParameters(native, of: pass.nodes)
      let forward = pass.forward(input, parameters: parameters, randomness: randomness)
      let loss = SoftmaxCrossEntropy()(forward.logits, labels: [0, 2, 1])
      return pass.backward(
        forward, logitsGradient: loss.logitsGradient, parameters: parameters,
        randomness: randomness
      ).entries.map { $0.gradient.formed.bitPatterns }
    }
    let whole = TrainingPass(network: network, frozen: frozen)
    let head = TrainingPass(network: network, features: feature.name, frozen: frozen)
    #expect(head.nodes.first?.name == "squeeze")
    // The training forward of the frozen part alone gives the features.
    let trunk = TrainingPass(
      network: network.truncated(after: feature.name), frozen: frozen)
    let parameters = TrainingParameters(native, of: trunk.nodes)
    let features = trunk.forward(input, parameters: parameters, randomness: randomness).logits
    #expect(gradients(head, features) == gradients(whole, input))
  }
}
