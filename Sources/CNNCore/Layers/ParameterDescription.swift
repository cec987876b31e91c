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

/// A parameter of a layer that has no name yet.
package struct LayerParameter: Sendable {
  /// What its name ends in: `weight`, `bias`, `running_mean`, `running_var`.
  package let suffix: String
  /// Its shape.
  package let shape: [Int]
  /// What it is for.
  package let role: ParameterDescription.Role

  /// A parameter from its parts.
  package init(_ suffix: String, _ shape: [Int], _ role: ParameterDescription.Role) {
    self.suffix = suffix
    self.shape = shape
    self.role = role
  }
}
