import CNNCore
import CNNSystem
import Testing

/// Parameter counts and multiply-adds against the published ones: the VGG paper's table 2 made
/// exact, torchvision's model pages, Keras's summaries, Caffe's model zoo.
@Suite struct ArchitectureTests {
  struct Published: CustomTestStringConvertible, Sendable {
    let network: @Sendable () throws -> Network
    let parameters: Int
    var gigaMultiplyAdds: Double?
    var testDescription: String { "\(parameters)" }
  }

  static let published = [
    Published(network: { try VGG.network(.a) }, parameters: 132_863_336, gigaMultiplyAdds: 7.609),
    // LRN has no parameters.
    Published(network: { try VGG.network(.aLRN) }, parameters: 132_863_336),
    Published(network: { try VGG.network(.b) }, parameters: 133_047_848, gigaMultiplyAdds: 11.308),
    Published(network: { try VGG.network(.c) }, parameters: 133_638_952, gigaMultiplyAdds: 11.771),
    Published(network: { try VGG.network(.d) }, parameters: 138_357_544, gigaMultiplyAdds: 15.470),
    Published(network: { try VGG.network(.e) }, parameters: 143_667_240, gigaMultiplyAdds: 19.632),
    Published(network: { try VGG.network(.a, batchNorm: true) }, parameters: 132_868_840),
    Published(network: { try VGG.network(.b, batchNorm: true) }, parameters: 133_053_736),
    Published(network: { try VGG.network(.d, batchNorm: true) }, parameters: 138_365_992),
    Published(network: { try VGG.network(.e, batchNorm: true) }, parameters: 143_678_248),
    Published(
      network: { try VGG.network(.d, batchNorm: true, NetworkOptions(classes: 500)) },
      parameters: 136_317_492),
    Published(network: { try AlexNet.grouped() }, parameters: 60_965_224, gigaMultiplyAdds: 0.724),
    Published(network: { try AlexNet.grouped(order: .afterPooling) }, parameters: 60_965_224),
    Published(
      network: { try AlexNet.grouped(NetworkOptions(classes: 2, inputSize: 227)) },
      parameters: 56_876_418),
    Published(
      network: { try AlexNet.oneWeirdTrick() }, parameters: 61_100_840, gigaMultiplyAdds: 0.714),
    Published(
      network: { try ResNet.network(.layers18) }, parameters: 11_689_512, gigaMultiplyAdds: 1.814),
    Published(
      network: { try ResNet.network(.layers34) }, parameters: 21_797_672, gigaMultiplyAdds: 3.664),
    Published(
      network: { try ResNet.network(.layers50) }, parameters: 25_557_032, gigaMultiplyAdds: 4.089),
    Published(
      network: { try ResNet.network(.layers101) }, parameters: 44_549_160, gigaMultiplyAdds: 7.801),
    Published(
      network: { try ResNet.network(.layers152) }, parameters: 60_192_808,
      gigaMultiplyAdds: 11.514),
    Published(
      network: { try SqueezeNet.network(.v1_0) }, parameters: 1_248_424),
    Published(
      network: { try SqueezeNet.network(.v1_1, NetworkOptions(inputSize: 224)) },
      parameters: 1_235_496, gigaMultiplyAdds: 0.349),
    Published(network: { try CIFARResNet.network(blocksPerStage: 3) }, parameters: 269_722),
    Published(
      network: {
        try LeNet5.network(NetworkOptions(classes: 10, inputChannels: 1, inputSize: 32))
      }, parameters: 61_706),
  ]

  @Test(arguments: published)
  func countsEqualThePublishedOnes(_ published: Published) throws {
    let network = try published.network()
    #expect(network.parameterCount == published.parameters, "\(network.name)")
    if let expected = published.gigaMultiplyAdds {
      #expect(abs(Double(network.multiplyAdds) / 1e9 - expected) < 6e-4, "\(network.name)")
    }
  }

  /// Keras counts BatchNorm's moving statistics as parameters.
  @Test func kerasResNet50CountsItsStatistics() throws {
    let network = try ResNet.network(.layers50, variant: .keras)
    #expect(network.parameterCount + network.statisticCount == 25_636_712)
  }

  /// The tutorial's transfer model: VGG16 without its top on 48x48, and a head 4096, 4096, 10.
  @Test func theHeadFollowsTheInputSize() throws {
    let network = try VGG.network(.d, NetworkOptions(classes: 10, inputSize: 48))
    #expect(network.parameterCount == 33_638_218)
    #expect(network.truncated(after: "pool5").parameterCount == 14_714_688)
    #expect(network.node("pool5")?.outputShape == [512, 1, 1])
    let smallest = NetworkOptions(inputSize: 32, adaptivePooling: 7)
    #expect(try VGG.network(.e, smallest).parameterCount == 143_667_240)
    #expect(try AlexNet.oneWeirdTrick(NetworkOptions(inputSize: 63)).classCount == 1000)
  }

  @Test func aSizeThatTheNetworkCannotTakeNamesTheNode() {
    let vgg = #expect(throws: CNNError.self) {
      try VGG.network(.d, NetworkOptions(inputSize: 31))
    }
    #expect(vgg?.location == .node("pool5"))
    #expect(vgg?.subject == "vgg16")
    let alexNet = #expect(throws: CNNError.self) {
      try AlexNet.oneWeirdTrick(NetworkOptions(inputSize: 62))
    }
    #expect(alexNet?.location == .node("pool5"))
  }

  @Test func everyNetworkRunsFromItsInputToItsClasses() throws {
    let network = try SqueezeNet.network(.v1_0)
    #expect(network.logitsNode.name == "pool10")
    #expect(network.node("pool1")?.outputShape == [96, 55, 55])
    #expect(network.node("pool4")?.outputShape == [256, 27, 27])
    #expect(network.node("pool8")?.outputShape == [512, 13, 13])
    #expect(try AlexNet.grouped().node("pool5")?.outputShape == [256, 6, 6])
    #expect(try ResNet.network(.layers50).node("layer4.2.relu")?.outputShape == [2048, 7, 7])
    #expect(try VGG.network(.d).resolve(layer: "logits").name == "fc8")
    let error = #expect(throws: CNNError.self) { try VGG.network(.d).resolve(layer: "fc") }
    #expect(error?.expected?.contains("fc6, fc7, fc8") == true)
  }
}

/// Sizes that come from flags and files are checked before they are multiplied.
@Suite struct EnormousNetworkTests {
  @Test(arguments: [
    NetworkOptions(classes: .max), NetworkOptions(inputChannels: .max),
    NetworkOptions(inputSize: Extent(square: 1 << 40)), NetworkOptions(classes: 99_999_999_999),
  ])
  func enormousOptionsAreErrors(_ options: NetworkOptions) {
    let error = #expect(throws: CNNError.self) { try VGG.network(.d, options) }
    #expect(error?.code == .invalidShape)
  }
}
