package import CNNCore

/// How one origin of weights names and orders the arrays of a network.
///
/// A layout is a pure function from a network to the names of its parameters in the file, plus three
/// facts about order. Nothing else differs between origins; the elements are the same.
public enum WeightsLayout: String, Sendable, Hashable, CaseIterable {
  /// The names of this package, `conv1_1.weight`; also torchvision's for ResNet, which are the same.
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
  package enum ConvolutionOrder: Sendable, Hashable {
    /// `[O, I, kH, kW]`.
    case outputInputHeightWidth
    /// `[kH, kW, I, O]`.
    case heightWidthInputOutput
  }

  /// The order of the dimensions of convolution weights.
  package var convolutionOrder: ConvolutionOrder {
    isTensorFlow ? .heightWidthInputOutput : .outputInputHeightWidth
  }

  /// The order of the dimensions of linear weights.
  package var linearLayout: ParameterArray.Layout { isTensorFlow ? .inputOutput : .outputInput }

  /// The order of the vector that the first linear weight was trained on.
  package var flattenOrder: FlattenOrder {
    isTensorFlow ? .heightWidthChannel : .channelHeightWidth
  }

  private var isTensorFlow: Bool { self == .tensorFlow || self == .tensorFlowDictionary }
}

// MARK: Shapes

extension WeightsLayout {
  /// The shape that the file gives a parameter of `network`.
  func fileShape(of parameter: ParameterDescription, in network: Network) -> [Int] {
    let shape = parameter.shape
    switch (parameter.role, shape.count) {
    case (.weight, 4) where convolutionOrder == .heightWidthInputOutput:
      return [shape[2], shape[3], shape[1], shape[0]]
    case (.weight, 2) where linearLayout == .inputOutput:
      return [shape[1], shape[0]]
    case (.weight, 2) where self == .timm:
      return timmLinearShape(of: parameter, in: network)
    default:
      return shape
    }
  }

  /// timm stores VGG's first two linear layers as convolutions over the last feature map.
  private func timmLinearShape(of parameter: ParameterDescription, in network: Network) -> [Int] {
    guard network.family == .vgg else { return parameter.shape }
    switch parameter.node {
    case "fc6": return [parameter.shape[0]] + (network.node("flatten")?.inputShapes[0] ?? [])
    case "fc7": return parameter.shape + [1, 1]
    default: return parameter.shape
    }
  }
}
