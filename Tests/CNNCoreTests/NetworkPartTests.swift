import CNNCore
import CNNSystem
import Testing

/// Families, stages and names of nodes, and when results can be forgotten.
@Suite struct NetworkPartTests {
  /// The last node with parameters that a choice freezes, and how many nodes it freezes.
  private func last(_ network: Network, _ text: String) throws -> String? {
    let frozen = try network.frozenNodes(Freeze(text))
    let last = network.nodes.last { frozen.contains($0.name) && !$0.parameters.isEmpty }
    // Everything before the last one is frozen too.
    let index = network.nodes.lastIndex { frozen.contains($0.name) } ?? -1
    #expect(frozen.count == index + 1)
    return last?.name
  }

  @Test func aStageEndsWithItsLastNode() throws {
    let vgg = try VGG.network(.d)
    #expect(try last(vgg, "conv3") == "conv3_3")
    #expect(try last(vgg, "conv3_2") == "conv3_2")
    #expect(try last(vgg, "pool3") == "conv3_3")
    // The normalisation behind a convolution belongs to it.
    #expect(try last(VGG.network(.d, batchNorm: true), "conv3") == "bn3_3")
    #expect(try last(VGG.network(.d, batchNorm: true), "bn3") == "bn3_3")
    let resNet = try ResNet.network(.layers18)
    #expect(try last(resNet, "layer3") == "layer3.1.bn2")
    #expect(try last(resNet, "layer3.0") == "layer3.0.downsample.1")
    #expect(
      try resNet.frozenNodes(.through("layer3"))
        == resNet.frozenNodes(.through("layer3.1.relu")))
    let squeezeNet = try SqueezeNet.network(.v1_1)
    #expect(try last(squeezeNet, "fire5") == "fire5/expand3x3")
    #expect(try last(vgg, "logits") == "fc8")
  }

  @Test func unknownNamesListTheNearest() throws {
    func expected(_ network: Network, _ text: String) -> String? {
      let error = #expect(throws: CNNError.self) { try network.frozenNodes(Freeze(text)) }
      #expect(error?.code == .unknown)
      #expect(error?.problem == "\(network.name) has no node called \"\(text)\"")
      return error?.expected
    }
    let resNet = try ResNet.network(.layers18)
    #expect(expected(resNet, "layr3")?.hasPrefix("layer3, ") == true)
    #expect(expected(resNet, "fcc") == "fc")
    #expect(expected(try VGG.network(.d), "conv3-3")?.hasPrefix("conv3") == true)
    // Nothing resembles it: the first names, stages before their nodes.
    #expect(expected(try VGG.network(.d), "trunk")?.hasPrefix("conv1, conv1_1, relu1") == true)
  }

  @Test func familiesOfPublishedNetworks() throws {
    #expect(try VGG.network(.aLRN).family == .vgg)
    #expect(try AlexNet.grouped().family == .alexNet)
    #expect(try AlexNet.grouped(order: .afterPooling).family == .alexNet)
    #expect(try AlexNet.oneWeirdTrick().family == .alexNet)
    #expect(try ResNet.network(.layers50, variant: .keras).family == .resNet)
    #expect(try CIFARResNet.network(blocksPerStage: 3).family == .cifarResNet)
    #expect(try SqueezeNet.network(.v1_0).family == .squeezeNet)
    #expect(try LeNet5.network().family == .leNet5)
    let own = try Network(name: "own", inputShape: [1, 2, 2], steps: [("a", .relu, ["input"])])
    #expect(own.family == nil)
  }

  /// a -> b -> d, a -> c -> d, where d reads b twice and a is needed in the end.
  @Test func resultsAreForgottenAfterTheirLastReader() {
    let steps = [["input"], ["a"], ["a"], ["b", "c", "b"]]
    #expect(Liveness.lastReads(steps) == [["input"], [], ["a"], ["b", "c"]])
    #expect(Liveness.lastReads(steps, keeping: ["a"]) == [["input"], [], [], ["b", "c"]])
    #expect(Liveness.lastReads([[String]]()).isEmpty)
  }
}
