internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import CNNWeights

extension CNNModel: CaseIterable {
  /// Every model of the catalogue, family by family.
  public static let allCases: [CNNModel] = [
    alexNet, caffeNet, alexNetOneWeirdTrick,
    vgg11, vgg11LRN, vgg13, vgg16C, vgg16, vgg19,
    vgg11BatchNorm, vgg13BatchNorm, vgg16BatchNorm, vgg19BatchNorm,
    resNet18, resNet34, resNet50, resNet101, resNet152, resNet50Keras,
    squeezeNet1_0, squeezeNet1_1, leNet5, cifarResNet20,
  ]

  /// An entry of torchvision's model page.
  private static func torchvision(
    _ file: String, _ top1: Double, _ top5: Double, preprocessing: Preprocessing? = nil
  ) -> PublishedWeights {
    PublishedWeights(
      file, from: "download.pytorch.org/models", accuracy: (top1, top5),
      preprocessing: preprocessing)
  }
}

// MARK: AlexNet

extension CNNModel {
  /// The grouped AlexNet of the paper as Caffe published it, 61.0 M parameters.
  public static let alexNet = CNNModel(
    "alexnet", "AlexNet (Caffe's bvlc_alexnet): two groups, LRN before pooling",
    defaults: NetworkOptions(inputSize: 227),
    weights: [
      PublishedWeights(
        "bvlc_alexnet.npy", from: "www.cs.toronto.edu/~guerzhoy/tf_alexnet",
        accuracy: (57.1, 80.2))
    ],
    preprocessing: [.native: .caffeAlexNet]
  ) { (options) throws(CNNError) in try AlexNet.grouped(options) }

  /// Caffe's variant of AlexNet with pooling before LRN, 61.0 M parameters.
  public static let caffeNet = CNNModel(
    "caffenet", "CaffeNet (bvlc_reference_caffenet): AlexNet with LRN behind pooling",
    defaults: NetworkOptions(inputSize: 227), preprocessing: [.native: .caffeAlexNet]
  ) { (options) throws(CNNError) in try AlexNet.grouped(options, order: .afterPooling) }

  /// The single-tower AlexNet of torchvision, 61.1 M parameters.
  public static let alexNetOneWeirdTrick = CNNModel(
    "alexnet-owt", "AlexNet (torchvision, \"one weird trick\"): one tower, no LRN",
    weights: [torchvision("alexnet-owt-7be5be79.pth", 56.522, 79.066)],
    preprocessing: [.native: .torchvision], lastFeatureMap: 6
  ) { (options) throws(CNNError) in try AlexNet.oneWeirdTrick(options) }
}

// MARK: VGG

extension CNNModel {
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
  ) -> CNNModel {
    CNNModel(
      configuration.networkName + (batchNorm ? "-bn" : ""), "VGG \(summary)", weights: weights,
      preprocessing: [
        .native: .torchvision, .tensorFlow: .frossard, .tensorFlowDictionary: .caffeVGG,
        .caffe: .caffeVGG,
      ], lastFeatureMap: 7
    ) { (options) throws(CNNError) in
      try VGG.network(configuration, batchNorm: batchNorm, options)
    }
  }
}

// MARK: ResNet

extension CNNModel {
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
  public static let resNet50Keras = CNNModel(
    "resnet50-keras", "ResNet-50 v1 (Keras): stride on the first 1x1 convolution",
    preprocessing: [.native: .caffeVGG]
  ) { (options) throws(CNNError) in try ResNet.network(.layers50, variant: .keras, options) }

  /// The thin ResNet-20 for CIFAR-10, 0.27 M parameters.
  public static let cifarResNet20 = CNNModel(
    "cifar-resnet20", "ResNet-20 for 32x32 pictures, option-A shortcuts",
    defaults: NetworkOptions(classes: 10, inputSize: 32), labels: .cifar10,
    preprocessing: [.native: .cifar]
  ) { (options) throws(CNNError) in try CIFARResNet.network(blocksPerStage: 3, options) }

  private static func resNet(_ depth: ResNet.Depth, _ weights: PublishedWeights...) -> CNNModel {
    CNNModel(
      "resnet\(depth.rawValue)",
      "ResNet-\(depth.rawValue)" + (depth.rawValue >= 50 ? " v1.5: stride on the 3x3" : ""),
      weights: weights, preprocessing: [.native: .torchvision]
    ) { (options) throws(CNNError) in try ResNet.network(depth, options) }
  }
}

// MARK: SqueezeNet and LeNet

extension CNNModel {
  /// SqueezeNet 1.0, 1.2 M parameters.
  public static let squeezeNet1_0 = squeezeNet(
    .v1_0, torchvision("squeezenet1_0-b66bff10.pth", 58.092, 80.420))
  /// SqueezeNet 1.1, 1.2 M parameters.
  public static let squeezeNet1_1 = squeezeNet(
    .v1_1, torchvision("squeezenet1_1-b8a52dc0.pth", 58.178, 80.624))

  /// LeNet-5 for 28x28 gray digits, 44 thousand parameters.
  public static let leNet5 = CNNModel(
    "lenet5", "LeNet-5 (ReLU, maximum pooling) for 28x28 digits",
    defaults: NetworkOptions(classes: 10, inputChannels: 1, inputSize: 28), labels: .digits,
    preprocessing: [.native: .mnist]
  ) { (options) throws(CNNError) in try LeNet5.network(options) }

  private static func squeezeNet(
    _ version: SqueezeNet.Version, _ weights: PublishedWeights
  ) -> CNNModel {
    CNNModel(
      "squeezenet\(version.rawValue)", "SqueezeNet \(version.rawValue): fire modules",
      defaults: NetworkOptions(inputSize: 227), weights: [weights],
      preprocessing: [.native: .torchvision, .caffe: .caffeAlexNet]
    ) { (options) throws(CNNError) in try SqueezeNet.network(version, options) }
  }
}
