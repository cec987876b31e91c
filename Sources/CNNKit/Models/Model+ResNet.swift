internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import CNNWeights

extension Model {
  /// ResNet-18, 11.7 M parameters.
  public static let resNet18 = resNet(
    .layers18, torchvision("resnet18-f37072fd.pth", 69.758, 89.078))
  /// ResNet-34, 21.8 M parameters.
  public static let resNet34 = resNet(
    .layers34, torchvision("resnet34-b627a593.pth", 73.314, 91.420))
  /// ResNet-50 v1.5, 25.6 M parameters.
  public static let resNet50 = resNet(
    .layers50, torchvision("resnet50-0676ba61.pth", 76.130, 92.862),
    torchvision("resnet50-11ad3fa6.pth", 80.858, 95.434, preprocessing: .torchvisionV2))
  /// ResNet-101 v1.5, 44.5 M parameters.
  public static let resNet101 = resNet(
    .layers101, torchvision("resnet101-63fe2227.pth", 77.374, 93.546),
    torchvision("resnet101-cd907fc2.pth", 81.886, 95.780, preprocessing: .torchvisionV2))
  /// ResNet-152 v1.5, 60.2 M parameters.
  public static let resNet152 = resNet(
    .layers152, torchvision("resnet152-394f9c45.pth", 78.312, 94.046),
    torchvision("resnet152-f82ba261.pth", 82.284, 96.002, preprocessing: .torchvisionV2))

  /// ResNet-50 as Keras applications have it: stride on the first 1x1, convolutions with bias.
  public static let resNet50Keras = Model(
    "resnet50-keras", "ResNet-50 v1 (Keras): stride on the first 1x1 convolution",
    preprocessing: [.native: .caffeVGG]
  ) { (options) throws(CNNError) in try ResNet.network(.layers50, variant: .keras, options) }

  /// The thin ResNet-20 for CIFAR-10, 0.27 M parameters.
  public static let cifarResNet20 = Model(
    "cifar-resnet20", "ResNet-20 for 32x32 pictures, option-A shortcuts",
    defaults: NetworkOptions(classes: 10, inputSize: 32), labels: .cifar10,
    preprocessing: [.native: .cifar]
  ) { (options) throws(CNNError) in try CIFARResNet.network(blocksPerStage: 3, options) }

  private static func resNet(_ depth: ResNet.Depth, _ weights: PublishedWeights...) -> Model {
    Model(
      "resnet\(depth.rawValue)",
      "ResNet-\(depth.rawValue)" + (depth.rawValue >= 50 ? " v1.5: stride on the 3x3" : ""),
      weights: weights, preprocessing: [.native: .torchvision]
    ) { (options) throws(CNNError) in try ResNet.network(depth, options) }
  }
}
