/// All arrays that a network needs, by name; complete and of the right shapes.
///
/// A weights file becomes one through binding, which refuses anything that does not fit, so code
/// behind this type never meets a missing array.
public struct Parameters: Sendable {
  private let arrays: [String: ParameterArray]

  /// The parameters of `network`.
  ///
  /// Precondition: `arrays` holds every parameter of the network in its shape; more may be there.
  public init(_ arrays: [String: ParameterArray], for network: Network) {
    for parameter in network.parameters {
      guard let array = arrays[parameter.name] else {
        preconditionFailure("\(parameter.name) is missing")
      }
      precondition(array.shape == parameter.shape, "\(parameter.name) is \(array.shape)")
    }
    self.arrays = arrays
  }

  /// The array called `name`, such as `conv1.weight`. Precondition: it belongs to the network.
  public subscript(name: String) -> ParameterArray {
    guard let array = arrays[name] else { preconditionFailure("\(name) is no parameter") }
    return array
  }

  /// The convolution or linear weight of `node`, or BatchNorm's scale.
  func weight(of node: Network.Node) -> ParameterArray { self[node.name + ".weight"] }

  /// The bias of `node`, or nil where it has none.
  func bias(of node: Network.Node) -> Tensor? { arrays[node.name + ".bias"]?.tensor() }
}
