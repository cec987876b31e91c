internal import CNNCore

/// torchvision's names: `features.N` and `classifier.N`, where N counts the modules of a
/// `Sequential`, those without parameters included.
///
/// A module is a node, or a whole fire module of SqueezeNet (`fire2/...` is `features.3.squeeze`).
/// ResNets are not `Sequential`: there the names are ours.
func torchvisionNames(of network: Network) -> [String: String] {
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

extension Network {
  /// Whether torchvision builds it from `features` and `classifier`: all but the residual and the
  /// LeNet families.
  fileprivate var usesSequentialNames: Bool {
    ["vgg", "alexnet", "squeezenet"].contains { name.hasPrefix($0) }
  }
}

extension String {
  /// `squeeze1x1` is called `squeeze` there; `expand1x1` and `expand3x3` keep their names.
  fileprivate var replacingSqueezeName: String { self == "squeeze1x1" ? "squeeze" : self }
}
