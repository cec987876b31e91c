public import CNNCore

/// How one origin names and orders the arrays of a network.
///
/// A layout is a pure function from a network to the names it gives the network's parameters, plus
/// three facts about order. Names and order are all that differs; the numbers are the same.
public enum WeightsLayout: String, Sendable, Hashable, CaseIterable {
  /// Our own names, `conv1_1.weight`; also torchvision's for ResNet, which uses the same.
  case native
  /// torchvision's `state_dict`: `features.0.weight`, `classifier.6.bias`.
  case torchvision
  /// timm's: as torchvision's, and `pre_logits.fc1.weight`, `head.fc.weight` for VGG.
  case timm
  /// Caffe's blobs, exported as `conv1_w`, `conv1_b`.
  case caffe
  /// `vgg16_weights.npz`: `conv1_1_W`, `fc6_b`, in TensorFlow's order.
  case tensorFlow = "tensorflow"
  /// `bvlc_alexnet.npy`, `vgg16.npy`: a dictionary layer -> [weight, bias], TensorFlow's order.
  case tensorFlowDictionary = "tensorflow-dictionary"

  /// The order of a convolution weight's dimensions in the file.
  public enum ConvolutionOrder: Sendable, Hashable {
    /// `[O, I, kH, kW]`.
    case outputInputHeightWidth
    /// `[kH, kW, I, O]`.
    case heightWidthInputOutput
  }

  /// How convolution weights lie.
  public var convolutionOrder: ConvolutionOrder {
    isTensorFlow ? .heightWidthInputOutput : .outputInputHeightWidth
  }

  /// How linear weights lie.
  public var linearLayout: ParameterArray.Layout { isTensorFlow ? .inputOutput : .outputInput }

  /// The order of the vector that the first linear weight was trained on.
  public var flattenOrder: FlattenOrder { isTensorFlow ? .heightWidthChannel : .channelHeightWidth }

  private var isTensorFlow: Bool { self == .tensorFlow || self == .tensorFlowDictionary }

  /// The file's name for each parameter of `network`, by our name.
  public func arrayNames(for network: Network) -> [String: String] {
    switch self {
    case .native: nativeNames(of: network)
    case .torchvision: torchvisionNames(of: network)
    case .timm: timmNames(of: network)
    case .caffe: suffixedNames(of: network, weight: "_w", bias: "_b")
    case .tensorFlow: suffixedNames(of: network, weight: "_W", bias: "_b")
    case .tensorFlowDictionary: suffixedNames(of: network, weight: "/0", bias: "/1")
    }
  }
}
