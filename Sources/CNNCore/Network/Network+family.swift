extension Network {
  /// Networks that share a paper, a structure and the names of their nodes.
  public enum Family: String, Sendable, Hashable, CaseIterable {
    /// AlexNet in its published forms, CaffeNet among them.
    case alexNet
    /// VGG.
    case vgg
    /// ResNet for ImageNet.
    case resNet
    /// ResNet for pictures of 32x32.
    case cifarResNet
    /// SqueezeNet.
    case squeezeNet
    /// LeNet-5.
    case leNet5

    /// What the names of its networks begin with.
    private var namePrefixes: [String] {
      switch self {
      case .alexNet: ["alexnet", "caffenet"]
      case .vgg: ["vgg"]
      case .resNet: ["resnet"]
      case .cifarResNet: ["cifar-resnet"]
      case .squeezeNet: ["squeezenet"]
      case .leNet5: ["lenet5"]
      }
    }

    fileprivate func has(_ name: String) -> Bool { namePrefixes.contains { name.hasPrefix($0) } }
  }

  /// The family of a published network, also after its last layers were replaced; nil for others.
  ///
  /// Derived from the network's name, which is stored in the file of a trained model.
  public var family: Family? { Family.allCases.first { $0.has(name) } }
}
