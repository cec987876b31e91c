internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import CNNWeights

extension Model {
  /// VGG configuration A: 8 convolutions, 132.9 M parameters.
  public static let vgg11 = vgg(
    .a, "configuration A: 8 convolutions", torchvision("vgg11-8a719046.pth", 69.020, 88.628))
  /// VGG configuration A-LRN: A with local response normalisation.
  public static let vgg11LRN = vgg(
    .aLRN, "configuration A-LRN: A with local response normalisation")
  /// VGG configuration B: 10 convolutions, 133.0 M parameters.
  public static let vgg13 = vgg(
    .b, "configuration B: 10 convolutions", torchvision("vgg13-19584684.pth", 69.928, 89.246))
  /// VGG configuration C: B and three 1x1 convolutions, 133.6 M parameters.
  public static let vgg16C = vgg(.c, "configuration C: 13 convolutions, three of them 1x1")
  /// VGG configuration D: 13 convolutions, 138.4 M parameters.
  public static let vgg16 = vgg(
    .d, "configuration D: 13 convolutions",
    PublishedWeights(
      "vgg16_weights.npz", from: "www.cs.toronto.edu/~frossard/post/vgg16",
      accuracy: (70.968, 89.878)),
    torchvision("vgg16-397923af.pth", 71.592, 90.382))
  /// VGG configuration E: 16 convolutions, 143.7 M parameters.
  public static let vgg19 = vgg(
    .e, "configuration E: 16 convolutions", torchvision("vgg19-dcbb9e9d.pth", 72.376, 90.876))
  /// VGG A with BatchNorm.
  public static let vgg11BatchNorm = vgg(
    .a, batchNorm: true, "configuration A with BatchNorm",
    torchvision("vgg11_bn-6002323d.pth", 70.370, 89.810))
  /// VGG B with BatchNorm.
  public static let vgg13BatchNorm = vgg(
    .b, batchNorm: true, "configuration B with BatchNorm",
    torchvision("vgg13_bn-abd245e5.pth", 71.586, 90.374))
  /// VGG D with BatchNorm.
  public static let vgg16BatchNorm = vgg(
    .d, batchNorm: true, "configuration D with BatchNorm",
    torchvision("vgg16_bn-6c64b313.pth", 73.360, 91.516))
  /// VGG E with BatchNorm.
  public static let vgg19BatchNorm = vgg(
    .e, batchNorm: true, "configuration E with BatchNorm",
    torchvision("vgg19_bn-c79401a0.pth", 74.218, 91.842))

  private static func vgg(
    _ configuration: VGG.Configuration, batchNorm: Bool = false, _ summary: String,
    _ weights: PublishedWeights...
  ) -> Model {
    Model(
      configuration.networkName + (batchNorm ? "-bn" : ""), "VGG \(summary)", weights: weights,
      preprocessing: [
        .native: .torchvision, .tensorFlow: .frossard, .tensorFlowDictionary: .caffeVGG,
        .caffe: .caffeVGG,
      ], lastFeatureMap: 7
    ) { (options) throws(CNNError) in
      try VGG.network(configuration, batchNorm: batchNorm, options)
    }
  }

  /// An entry of torchvision's model page.
  static func torchvision(
    _ file: String, _ top1: Double, _ top5: Double, preprocessing: Preprocessing? = nil
  ) -> PublishedWeights {
    PublishedWeights(
      file, from: "download.pytorch.org/models", accuracy: (top1, top5),
      preprocessing: preprocessing)
  }
}
