public import CNNSystem

/// SqueezeNet: Iandola et al., "AlexNet-level accuracy with 50x fewer parameters"
/// (<https://arxiv.org/abs/1602.07360>), table 1.
///
/// Fire modules: a 1x1 convolution that squeezes, and two that expand, 1x1 and 3x3, side by side.
/// Nodes carry Caffe's names: `fire2/squeeze1x1`.
public enum SqueezeNet {
  /// The two releases.
  public enum Version: String, Sendable, CaseIterable {
    /// The paper's: 7x7 first kernel, pooling after conv1, fire4, fire8.
    case v1_0 = "1.0"
    /// 3x3 first kernel and earlier pooling: 2.4 times less arithmetic at equal accuracy.
    case v1_1 = "1.1"
  }

  /// The network of one release.
  ///
  /// - Parameters:
  ///   - version: release.
  ///   - options: classes and input; Caffe's input is 227x227, torchvision's 224x224.
  /// - Returns: nodes `conv1`, `pool1`, `fire2/squeeze1x1` ... `conv10`, `pool10`, `prob`.
  /// - Throws: `invalidShape` for an input that is too small.
  public static func network(
    _ version: Version, _ options: NetworkOptions = NetworkOptions(inputSize: 227)
  ) throws(CNNError) -> Network {
    var builder = NetworkBuilder(name: "squeezenet\(version.rawValue)", options: options)
    let isFirst = version == .v1_0
    builder.addConvolution(
      "conv1", relu: "relu_conv1", channels: isFirst ? 96 : 64, kernel: isFirst ? 7 : 3, stride: 2)
    let pool = Layer.maxPool(Window(kernel: 3, stride: 2, rounding: .ceil))
    builder.add("pool1", pool)
    let squeezes = [16, 16, 32, 32, 48, 48, 64, 64]
    for (index, squeeze) in squeezes.enumerated() {
      let number = index + 2
      addFire("fire\(number)", squeeze: squeeze, to: &builder)
      if (isFirst ? [4, 8] : [3, 5]).contains(number) { builder.add("pool\(number)", pool) }
    }
    builder.add("drop9", .dropout(rate: 0.5))
    builder.addConvolution("conv10", relu: "relu_conv10", channels: options.classes, kernel: 1)
    builder.add("pool10", .globalAveragePool)
    builder.add("prob", .softmax)
    return try builder.build()
  }

  private static func addFire(_ name: String, squeeze: Int, to builder: inout NetworkBuilder) {
    builder.addConvolution(
      "\(name)/squeeze1x1", relu: "\(name)/relu_squeeze1x1", channels: squeeze, kernel: 1)
    let squeezed = builder.last
    for (kernel, padding) in [(1, Padding.valid), (3, .explicit(1))] {
      let expand = "\(name)/expand\(kernel)x\(kernel)"
      builder.add(
        expand,
        .convolution(
          Convolution(channels: squeeze * 4, kernel: Extent(square: kernel), padding: padding)),
        from: [squeezed])
      builder.add("\(name)/relu_expand\(kernel)x\(kernel)", .relu)
    }
    builder.add(
      "\(name)/concat", .concat,
      from: ["\(name)/relu_expand1x1", "\(name)/relu_expand3x3"])
  }
}
