internal import CNNCore
internal import CNNImage
internal import CNNSystem
internal import CNNWeights

extension Model {
  /// SqueezeNet 1.0, 1.2 M parameters.
  public static let squeezeNet1_0 = squeezeNet(
    .v1_0, torchvision("squeezenet1_0-b66bff10.pth", 58.092, 80.420))
  /// SqueezeNet 1.1, 1.2 M parameters.
  public static let squeezeNet1_1 = squeezeNet(
    .v1_1, torchvision("squeezenet1_1-b8a52dc0.pth", 58.178, 80.624))

  /// LeNet-5 for 28x28 gray digits, 44 thousand parameters.
  public static let leNet5 = Model(
    "lenet5", "LeNet-5 (ReLU, maximum pooling) for 28x28 digits",
    defaults: NetworkOptions(classes: 10, inputChannels: 1, inputSize: 28), labels: .digits,
    preprocessing: [.native: .mnist]
  ) { (options) throws(CNNError) in try LeNet5.network(options) }

  private static func squeezeNet(
    _ version: SqueezeNet.Version, _ weights: PublishedWeights
  ) -> Model {
    Model(
      "squeezenet\(version.rawValue)", "SqueezeNet \(version.rawValue): fire modules",
      defaults: NetworkOptions(inputSize: 227), weights: [weights],
      preprocessing: [.native: .torchvision, .caffe: .caffeAlexNet]
    ) { (options) throws(CNNError) in try SqueezeNet.network(version, options) }
  }

  /// Every model, in the order in which `cnn models` lists them.
  public static let all: [Model] = [
    alexNet, caffeNet, alexNetOneWeirdTrick,
    vgg11, vgg11LRN, vgg13, vgg16C, vgg16, vgg19,
    vgg11BatchNorm, vgg13BatchNorm, vgg16BatchNorm, vgg19BatchNorm,
    resNet18, resNet34, resNet50, resNet101, resNet152, resNet50Keras,
    squeezeNet1_0, squeezeNet1_1, leNet5, cifarResNet20,
  ]
}
