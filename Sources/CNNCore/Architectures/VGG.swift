public import CNNSystem

/// VGG: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition"
/// (<https://arxiv.org/abs/1409.1556>), table 1.
///
/// The whole family is one table, convolutions in each of five stages, and one fold over it: 3x3
/// convolutions with padding 1 and ReLU, a 2x2 maximum pooling after each stage, three linear
/// layers.
public enum VGG {
  /// A column of the paper's table 1.
  public enum Configuration: String, Sendable, CaseIterable {
    /// 8 convolutions (`vgg11`).
    case a
    /// A with local response normalisation after the first convolution (`vgg11-lrn`).
    case aLRN
    /// 10 convolutions (`vgg13`).
    case b
    /// 13 convolutions, the third of stages 3 to 5 with a 1x1 kernel (`vgg16-c`).
    case c
    /// 13 convolutions (`vgg16`).
    case d
    /// 16 convolutions (`vgg19`).
    case e

    var convolutionsPerStage: [Int] {
      switch self {
      case .a, .aLRN: [1, 1, 2, 2, 2]
      case .b: [2, 2, 2, 2, 2]
      case .c, .d: [2, 2, 3, 3, 3]
      case .e: [2, 2, 4, 4, 4]
      }
    }

    /// The name of the network, such as `vgg16`.
    public var networkName: String {
      switch self {
      case .a: "vgg11"
      case .aLRN: "vgg11-lrn"
      case .b: "vgg13"
      case .c: "vgg16-c"
      case .d: "vgg16"
      case .e: "vgg19"
      }
    }
  }

  private static let channelsPerStage = [64, 128, 256, 512, 512]

  /// The network of one configuration.
  ///
  /// - Parameters:
  ///   - configuration: column of table 1.
  ///   - batchNorm: BatchNorm after each convolution, as torchvision's `vgg16_bn`; the paper has
  ///     none.
  ///   - options: classes and input, 224x224 in the paper, at least 32x32. `adaptivePooling` 7x7
  ///     is torchvision's.
  /// - Returns: nodes `conv1_1`, `relu1_1`, `pool1` ... `fc8`, `prob`.
  /// - Throws: `invalidShape` for an input that is too small.
  public static func network(
    _ configuration: Configuration, batchNorm: Bool = false,
    _ options: NetworkOptions = NetworkOptions()
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(
      name: configuration.networkName + (batchNorm ? "-bn" : ""), options: options)
    for (index, count) in configuration.convolutionsPerStage.enumerated() {
      for position in 1...count {
        addConvolution(
          stage: index + 1, position, configuration, batchNorm: batchNorm, to: &builder)
      }
      builder.add("pool\(index + 1)", .maxPool(Window(kernel: 2, stride: 2)))
    }
    if let size = options.adaptivePooling { builder.add("avgpool", .adaptiveAveragePool(size)) }
    builder.addClassifier(dropout: .afterLinear, classes: options.classes)
    return try builder.build()
  }

  private static func addConvolution(
    stage: Int, _ position: Int, _ configuration: Configuration, batchNorm: Bool,
    to builder: inout NetworkBuilder
  ) {
    let suffix = "\(stage)_\(position)"
    let isPointwise = configuration == .c && position == 3
    builder.add(
      "conv\(suffix)",
      .convolution(
        Convolution(
          channels: channelsPerStage[stage - 1], kernel: isPointwise ? 1 : 3,
          padding: isPointwise ? .valid : .explicit(1))))
    if batchNorm { builder.add("bn\(suffix)", .batchNorm(epsilon: 1e-5)) }
    builder.add("relu\(suffix)", .relu)
    if configuration == .aLRN && stage == 1 {
      builder.add("norm\(suffix)", .localResponseNorm(.paper))
    }
  }
}
