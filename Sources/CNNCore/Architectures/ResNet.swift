public import CNNSystem

/// ResNet: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition"
/// (<https://arxiv.org/abs/1512.03385>), table 1.
///
/// A table of blocks per stage and a fold. Nodes carry torchvision's names, so its parameters are
/// called as in its files: `conv1.weight`, `layer1.0.conv1.weight`, `fc.bias`.
public enum ResNet {
  /// A depth of table 1.
  public enum Depth: Int, Sendable, CaseIterable {
    /// 2-2-2-2 basic blocks.
    case layers18 = 18
    /// 3-4-6-3 basic blocks.
    case layers34 = 34
    /// 3-4-6-3 bottleneck blocks.
    case layers50 = 50
    /// 3-4-23-3 bottleneck blocks.
    case layers101 = 101
    /// 3-8-36-3 bottleneck blocks.
    case layers152 = 152

    var blocksPerStage: [Int] {
      switch self {
      case .layers18: [2, 2, 2, 2]
      case .layers34, .layers50: [3, 4, 6, 3]
      case .layers101: [3, 4, 23, 3]
      case .layers152: [3, 8, 36, 3]
      }
    }

    var hasBottlenecks: Bool { rawValue >= 50 }
  }

  /// The published forms of the bottleneck.
  public enum Variant: Sendable {
    /// torchvision: stride on the 3x3 convolution ("v1.5"), no convolution bias, epsilon 1e-5.
    case torchvision
    /// Keras applications: stride on the first 1x1 convolution, convolutions with bias, epsilon
    /// 1.001e-5. Published for depth 50.
    case keras
  }

  /// The network of one depth.
  ///
  /// - Parameters:
  ///   - depth: number of weighted layers.
  ///   - variant: which convolution of a bottleneck has the stride.
  ///   - options: classes and input; any size from 1x1 up runs, 224x224 is the published one.
  /// - Returns: nodes `conv1`, `bn1`, `relu`, `maxpool`, `layer1.0.conv1` ... `avgpool`, `fc`,
  ///   `prob`.
  /// - Throws: `invalidShape` for an input without pixels.
  public static func network(
    _ depth: Depth, variant: Variant = .torchvision, _ options: NetworkOptions = NetworkOptions()
  ) throws(CNNError) -> Network {
    let name = "resnet\(depth.rawValue)" + (variant == .keras ? "-keras" : "")
    var builder = NetworkBuilder(name: name, options: options)
    var blocks = ResidualBlocks(variant: variant, channels: 64)
    blocks.addUnit("conv1", "bn1", 64, kernel: 7, stride: 2, to: &builder)
    builder.add("relu", .relu)
    builder.add("maxpool", .maxPool(Window(kernel: 3, stride: 2, padding: .explicit(1))))
    for (index, count) in depth.blocksPerStage.enumerated() {
      let width = 64 << index
      for block in 0..<count {
        let prefix = "layer\(index + 1).\(block)"
        let stride = block == 0 && index > 0 ? 2 : 1
        if depth.hasBottlenecks {
          blocks.addBottleneck(prefix, width, stride: stride, to: &builder)
        } else {
          blocks.addBasic(prefix, width, stride: stride, to: &builder)
        }
      }
    }
    builder.add("avgpool", .globalAveragePool)
    builder.add("fc", .linear(outputs: options.classes))
    builder.add("prob", .softmax)
    return try builder.build()
  }
}

/// The two kinds of residual block; remembers how many channels come in.
private struct ResidualBlocks {
  let variant: ResNet.Variant
  private(set) var channels: Int

  init(variant: ResNet.Variant, channels: Int) {
    self.variant = variant
    self.channels = channels
  }

  /// A convolution and its BatchNorm with the settings of the variant.
  func addUnit(
    _ convolution: String, _ norm: String, _ channels: Int, kernel: Int, stride: Int = 1,
    from input: String? = nil, to builder: inout NetworkBuilder
  ) {
    builder.addNormalizedConvolution(
      convolution, norm: norm, channels: channels, kernel: kernel, stride: stride,
      bias: variant == .keras, epsilon: variant == .keras ? 1.001e-5 : 1e-5, from: input)
  }

  /// Two 3x3 convolutions (paper, figure 5 left).
  mutating func addBasic(
    _ prefix: String, _ width: Int, stride: Int, to builder: inout NetworkBuilder
  ) {
    let input = builder.last
    addUnit("\(prefix).conv1", "\(prefix).bn1", width, kernel: 3, stride: stride, to: &builder)
    builder.add("\(prefix).relu1", .relu)
    addUnit("\(prefix).conv2", "\(prefix).bn2", width, kernel: 3, to: &builder)
    addShortcut(prefix, from: input, width, stride: stride, to: &builder)
  }

  /// 1x1, 3x3 and 1x1 convolutions, the last four times as wide (paper, figure 5 right).
  mutating func addBottleneck(
    _ prefix: String, _ width: Int, stride: Int, to builder: inout NetworkBuilder
  ) {
    let input = builder.last
    let strides = variant == .keras ? [stride, 1] : [1, stride]
    addUnit("\(prefix).conv1", "\(prefix).bn1", width, kernel: 1, stride: strides[0], to: &builder)
    builder.add("\(prefix).relu1", .relu)
    addUnit("\(prefix).conv2", "\(prefix).bn2", width, kernel: 3, stride: strides[1], to: &builder)
    builder.add("\(prefix).relu2", .relu)
    addUnit("\(prefix).conv3", "\(prefix).bn3", width * 4, kernel: 1, to: &builder)
    addShortcut(prefix, from: input, width * 4, stride: stride, to: &builder)
  }

  /// The identity, or a strided 1x1 convolution where shapes change (option B), the sum, a ReLU.
  private mutating func addShortcut(
    _ prefix: String, from input: String, _ width: Int, stride: Int,
    to builder: inout NetworkBuilder
  ) {
    let residual = builder.last
    var shortcut = input
    if stride != 1 || channels != width {
      addUnit(
        "\(prefix).downsample.0", "\(prefix).downsample.1", width, kernel: 1, stride: stride,
        from: input, to: &builder)
      shortcut = builder.last
    }
    builder.addResidualSum(prefix, residual: residual, shortcut: shortcut)
    channels = width
  }
}
