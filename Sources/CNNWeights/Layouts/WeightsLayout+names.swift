package import CNNCore

extension WeightsLayout {
  /// The file's name for each parameter of `network`, by the name that the network gives it.
  package func arrayNames(for network: Network) -> [String: String] {
    switch self {
    case .native: Self.nativeNames(of: network)
    case .torchvision: Self.torchvisionNames(of: network)
    case .timm: Self.timmNames(of: network)
    case .caffe: Self.suffixedNames(of: network, weight: "_w", bias: "_b")
    case .tensorFlow: Self.suffixedNames(of: network, weight: "_W", bias: "_b")
    case .tensorFlowDictionary: Self.suffixedNames(of: network, weight: "/0", bias: "/1")
    }
  }

  /// The parameters keep their own names.
  private static func nativeNames(of network: Network) -> [String: String] {
    Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.name) })
  }

  /// The node's name and a suffix: `conv1_w`, `conv1_1_W`, `conv1/0`.
  ///
  /// No origin of this kind has BatchNorm, so its parameters get no name.
  private static func suffixedNames(
    of network: Network, weight: String, bias: String
  ) -> [String: String] {
    var names: [String: String] = [:]
    for node in network.nodes {
      if case .batchNorm = node.layer { continue }
      for parameter in node.parameters {
        names[parameter.name] = node.name + (parameter.role == .weight ? weight : bias)
      }
    }
    return names
  }

  /// timm's names: torchvision's for convolutions, and for VGG's classifier its own, where the first
  /// two linear layers are stored as convolutions (`pre_logits.fc1.weight [4096, 512, 7, 7]`).
  private static func timmNames(of network: Network) -> [String: String] {
    var names = torchvisionNames(of: network)
    guard network.family == .vgg else { return names }
    for (node, foreign) in [
      ("fc6", "pre_logits.fc1"), ("fc7", "pre_logits.fc2"), ("fc8", "head.fc"),
    ] {
      for suffix in [".weight", ".bias"] where names[node + suffix] != nil {
        names[node + suffix] = foreign + suffix
      }
    }
    return names
  }

  /// torchvision's names: `features.N` and `classifier.N`, where N counts the modules of a
  /// `Sequential`, those without parameters included.
  ///
  /// A module is a node, or a whole fire module of SqueezeNet (`fire2/...` is `features.3.squeeze`).
  /// ResNets are not `Sequential`: there torchvision's names are the network's own.
  private static func torchvisionNames(of network: Network) -> [String: String] {
    guard network.usesSequentialNames else { return nativeNames(of: network) }
    var names: [String: String] = [:]
    var container = "features"
    var index = -1
    var module: String?
    for node in network.nodes {
      let parts = node.name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      switch node.layer {
      case .adaptiveAveragePool, .softmax:
        continue
      case .flatten:
        (container, index, module) = ("classifier", -1, nil)
        continue
      case .dropout where container == "features":
        // SqueezeNet has no flatten: its classifier begins with the dropout.
        (container, index, module) = ("classifier", 0, node.name)
      default:
        if parts[0] != module { (index, module) = (index + 1, parts[0]) }
      }
      let inner = parts.count == 2 ? "." + parts[1].replacingSqueezeName : ""
      for parameter in node.parameters {
        let suffix = parameter.name.dropFirst(node.name.count)
        names[parameter.name] = "\(container).\(index)\(inner)\(suffix)"
      }
    }
    return names
  }
}

extension Network {
  /// Whether torchvision builds it from `features` and `classifier`: all but the residual and the
  /// LeNet families.
  fileprivate var usesSequentialNames: Bool {
    switch family {
    case .vgg, .alexNet, .squeezeNet: true
    case .resNet, .cifarResNet, .leNet5, nil: false
    }
  }
}

extension String {
  /// `squeeze1x1` is called `squeeze` there; `expand1x1` and `expand3x3` keep their names.
  fileprivate var replacingSqueezeName: String { self == "squeeze1x1" ? "squeeze" : self }
}
