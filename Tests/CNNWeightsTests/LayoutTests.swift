import CNNCore
import CNNSystem
import CNNWeights
import Testing

/// The names that each origin gives its arrays, against the published key lists.
@Suite struct LayoutTests {
  /// torchvision's `features` indices of the convolutions of each network.
  static let convolutionIndices: [(network: @Sendable () throws -> Network, indices: [Int])] = [
    ({ try VGG.network(.a) }, [0, 3, 6, 8, 11, 13, 16, 18]),
    ({ try VGG.network(.b) }, [0, 2, 5, 7, 10, 12, 15, 17, 20, 22]),
    ({ try VGG.network(.d) }, [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]),
    (
      { try VGG.network(.e) }, [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    ),
    ({ try VGG.network(.a, batchNorm: true) }, [0, 4, 8, 11, 15, 18, 22, 25]),
    ({ try VGG.network(.b, batchNorm: true) }, [0, 3, 7, 10, 14, 17, 21, 24, 28, 31]),
    (
      { try VGG.network(.d, batchNorm: true) },
      [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40]
    ),
    (
      { try VGG.network(.e, batchNorm: true) },
      [0, 3, 7, 10, 14, 17, 20, 23, 27, 30, 33, 36, 40, 43, 46, 49]
    ),
    ({ try AlexNet.oneWeirdTrick() }, [0, 3, 6, 8, 10]),
  ]

  @Test(arguments: convolutionIndices.indices)
  func torchvisionCountsModulesOfASequential(_ index: Int) throws {
    let (build, indices) = Self.convolutionIndices[index]
    let network = try build()
    let names = WeightsLayout.torchvision.arrayNames(for: network)
    let convolutions = network.nodes.filter { node in
      if case .convolution = node.layer { true } else { false }
    }
    #expect(
      convolutions.map { names["\($0.name).weight"] } == indices.map { "features.\($0).weight" })
    let isAlexNet = network.name == "alexnet-owt"
    #expect(
      ["fc6", "fc7", "fc8"].map { names["\($0).bias"] }
        == (isAlexNet ? [1, 4, 6] : [0, 3, 6]).map { "classifier.\($0).bias" })
    for node in network.nodes where node.name.hasPrefix("bn") {
      let convolution = names["conv\(node.name.dropFirst(2)).weight"]?.split(separator: ".")[1]
      let number = try #require(convolution.flatMap { Int($0) })
      #expect(names["\(node.name).running_var"] == "features.\(number + 1).running_var")
    }
    #expect(Set(names.values).count == network.parameters.count)
  }

  @Test func torchvisionNamesFireModulesAsOne() throws {
    let names = WeightsLayout.torchvision.arrayNames(for: try SqueezeNet.network(.v1_0))
    #expect(names["conv1.weight"] == "features.0.weight")
    #expect(names["fire2/squeeze1x1.weight"] == "features.3.squeeze.weight")
    #expect(names["fire4/expand3x3.bias"] == "features.5.expand3x3.bias")
    #expect(names["fire5/expand1x1.weight"] == "features.7.expand1x1.weight")
    #expect(names["fire9/squeeze1x1.weight"] == "features.12.squeeze.weight")
    #expect(names["conv10.weight"] == "classifier.1.weight")
    let newer = WeightsLayout.torchvision.arrayNames(for: try SqueezeNet.network(.v1_1))
    #expect(newer["fire4/squeeze1x1.weight"] == "features.6.squeeze.weight")
    #expect(newer["fire9/squeeze1x1.weight"] == "features.12.squeeze.weight")
  }

  @Test func otherOriginsNameNodes() throws {
    let vgg = try VGG.network(.d)
    let timm = WeightsLayout.timm.arrayNames(for: vgg)
    #expect(timm["fc6.weight"] == "pre_logits.fc1.weight")
    #expect(timm["fc7.bias"] == "pre_logits.fc2.bias")
    #expect(timm["fc8.weight"] == "head.fc.weight")
    #expect(timm["conv5_3.weight"] == "features.28.weight")
    #expect(WeightsLayout.tensorFlow.arrayNames(for: vgg)["conv4_3.weight"] == "conv4_3_W")
    #expect(WeightsLayout.caffe.arrayNames(for: vgg)["fc6.weight"] == "fc6_w")
    let dictionary = WeightsLayout.tensorFlowDictionary.arrayNames(for: try AlexNet.grouped())
    #expect(dictionary["conv2.weight"] == "conv2/0" && dictionary["conv2.bias"] == "conv2/1")
    let resNet = WeightsLayout.torchvision.arrayNames(for: try ResNet.network(.layers50))
    #expect(resNet.allSatisfy { $0 == $1 })
    #expect(resNet["layer4.0.downsample.1.running_mean"] != nil)
  }
}
