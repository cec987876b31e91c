internal import CNNCore

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

  /// timm keeps VGG's first two linear layers as convolutions over the last feature map.
  private func timmLinearShape(of parameter: ParameterDescription, in network: Network) -> [Int] {
    guard network.name.hasPrefix("vgg") else { return parameter.shape }
    switch parameter.node {
    case "fc6": return [parameter.shape[0]] + (network.node("flatten")?.inputShapes[0] ?? [])
    case "fc7": return parameter.shape + [1, 1]
    default: return parameter.shape
    }
  }
}
