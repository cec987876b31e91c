public import CNNSystem

/// The thin residual networks for 32x32 pictures: He et al., "Deep Residual Learning for Image
/// Recognition" (<https://arxiv.org/abs/1512.03385>), section 4.2.
///
/// Three stages of n blocks with 16, 32 and 64 channels make 6n + 2 layers. Shortcuts are option
/// A: no parameters, every second pixel, missing channels zero.
public enum CIFARResNet {
  /// The network of `6 * blocksPerStage + 2` layers.
  ///
  /// - Parameters:
  ///   - blocksPerStage: n of the paper: 3 for ResNet-20, 5 for 32, 9 for 56, 18 for 110.
  ///   - options: classes and input, 10 and 32x32 in the paper.
  /// - Returns: nodes `conv1`, `bn1`, `layer1.0.conv1` ... `avgpool`, `linear`, `prob`.
  /// - Throws: `invalidShape` for an input without pixels, or less than one block.
  public static func network(
    blocksPerStage: Int, _ options: NetworkOptions = NetworkOptions(classes: 10, inputSize: 32)
  ) throws(CNNError) -> Network {
    guard blocksPerStage >= 1 else {
      throw CNNError(
        .usage, .invalidShape, "a stage needs at least one block", found: "\(blocksPerStage)")
    }
    var builder = NetworkBuilder(
      name: "cifar-resnet\(6 * blocksPerStage + 2)", options: options)
    builder.addNormalizedConvolution("conv1", norm: "bn1", channels: 16, kernel: 3)
    builder.add("relu", .relu)
    for stage in 0..<3 {
      for block in 0..<blocksPerStage {
        addBlock(
          "layer\(stage + 1).\(block)", channels: 16 << stage,
          stride: block == 0 && stage > 0 ? 2 : 1, to: &builder)
      }
    }
    builder.add("avgpool", .globalAveragePool)
    builder.add("linear", .linear(outputs: options.classes))
    builder.add("prob", .softmax)
    return try builder.build()
  }

  private static func addBlock(
    _ prefix: String, channels: Int, stride: Int, to builder: inout NetworkBuilder
  ) {
    var shortcut = builder.last
    builder.addNormalizedConvolution(
      "\(prefix).conv1", norm: "\(prefix).bn1", channels: channels, kernel: 3, stride: stride)
    builder.add("\(prefix).relu1", .relu)
    builder.addNormalizedConvolution(
      "\(prefix).conv2", norm: "\(prefix).bn2", channels: channels, kernel: 3)
    let residual = builder.last
    if stride != 1 {
      let name = "\(prefix).shortcut"
      builder.add(name, .zeroPaddedShortcut(channels: channels, stride: stride), from: [shortcut])
      shortcut = name
    }
    builder.addResidualSum(prefix, residual: residual, shortcut: shortcut)
  }
}
