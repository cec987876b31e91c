/// A parameter that a network needs: its name and shape, known without any weights.
public struct ParameterDescription: Sendable, Hashable {
  /// What a parameter is for.
  public enum Role: String, Sendable, Hashable {
    /// Convolution `[O, I / groups, kH, kW]` or linear `[out, in]` weight, or BatchNorm scale.
    case weight
    /// `[O]`, added to each output channel.
    case bias
    /// Running mean or variance of BatchNorm `[C]`: measured, not learned.
    case statistic
  }

  /// The node it belongs to.
  public let node: String
  /// `<node>.weight`, `<node>.bias`, `<node>.running_mean`, `<node>.running_var`.
  public let name: String
  /// The shape in the network's terms.
  public let shape: [Int]
  /// What it is for.
  public let role: Role

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
}

extension Layer {
  /// Suffix, shape and role of each parameter, in the order PyTorch lists them.
  func parameterShapes(
    input: [Int]
  ) -> [(suffix: String, shape: [Int], role: ParameterDescription.Role)] {
    switch self {
    case .convolution(let settings):
      let kernel = settings.window.kernel
      let weight = [settings.channels, input[0] / settings.groups, kernel.height, kernel.width]
      return [("weight", weight, .weight)]
        + (settings.hasBias ? [("bias", [settings.channels], .bias)] : [])
    case .linear(let outputs):
      return [("weight", [outputs, input[0]], .weight), ("bias", [outputs], .bias)]
    case .batchNorm:
      let shape = [input[0]]
      return [
        ("weight", shape, .weight), ("bias", shape, .bias), ("running_mean", shape, .statistic),
        ("running_var", shape, .statistic),
      ]
    default:
      return []
    }
  }
}

extension Network.Node {
  /// The parameters of the node, in the order PyTorch lists them; empty for most layers.
  public var parameters: [ParameterDescription] {
    layer.parameterShapes(input: inputShapes[0]).map { suffix, shape, role in
      ParameterDescription(node: name, name: "\(name).\(suffix)", shape: shape, role: role)
    }
  }

  /// Multiplications of one picture, each with an addition; only convolution and linear layers
  /// count, as in the published tables.
  public var multiplyAdds: Int {
    switch layer {
    case .convolution, .linear:
      let positions = outputShape.dropFirst().reduce(1, *)
      return positions * (parameters.first?.count ?? 0)
    default:
      return 0
    }
  }
}

extension Network {
  /// All parameters, in the order of the nodes.
  public var parameters: [ParameterDescription] { nodes.flatMap(\.parameters) }

  /// The number of learned parameters, as PyTorch counts them: without BatchNorm's statistics.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + ($1.role == .statistic ? 0 : $1.count) }
  }

  /// The number of BatchNorm statistics, which Keras adds to its parameter count.
  public var statisticCount: Int {
    parameters.reduce(0) { $0 + ($1.role == .statistic ? $1.count : 0) }
  }

  /// Multiply-adds of one picture in all convolution and linear layers.
  public var multiplyAdds: Int { nodes.reduce(0) { $0 + $1.multiplyAdds } }
}
