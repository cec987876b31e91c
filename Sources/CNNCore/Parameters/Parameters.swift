internal import CNNSystem

/// All arrays that a network needs, by name; complete and of the right shapes.
///
/// Binding makes one from a weights file and refuses what does not fit, so code that takes this type
/// never meets a missing array.
public struct Parameters: Sendable {
  private let arrays: [String: ParameterArray]

  /// The parameters of `network`.
  ///
  /// Precondition: `arrays` holds every parameter of the network in its shape; more may be there.
  public init(_ arrays: [String: ParameterArray], for network: Network) {
    for parameter in network.parameters {
      guard let array = arrays[parameter.name] else {
        fatalError("\(parameter.name) is missing")
      }
      requireArgument(array.shape == parameter.shape, "\(parameter.name) is \(array.shape)")
    }
    self.arrays = arrays
  }

  /// The array called `name`, such as `conv1.weight`. Precondition: it belongs to the network.
  public subscript(name: String) -> ParameterArray {
    guard let array = arrays[name] else { fatalError("\(name) is no parameter") }
    return array
  }

  /// The parameters of one node, by their suffixes: `weight`, `bias`.
  package func of(_ node: Network.Node) -> (_ suffix: String) -> ParameterArray {
    { self["\(node.name).\($0)"] }
  }

  /// The convolution or linear weight of `node`, or BatchNorm's scale.
  func weight(of node: Network.Node) -> ParameterArray { self[node.name + ".weight"] }

  /// The bias of `node`, or nil where it has none.
  func bias(of node: Network.Node) -> Tensor? { arrays[node.name + ".bias"]?.tensor() }
}

extension Parameters {
  /// Random parameters with which activations keep their size from layer to layer: He's
  /// initialisation (arXiv 1502.01852), drawn uniformly; biases 0, BatchNorm the identity.
  ///
  /// The same seed gives the same parameters on every machine. They serve to try and time a network
  /// and to train it from scratch; their predictions mean nothing.
  ///
  /// - Parameters:
  ///   - network: whose parameters.
  ///   - seed: any number.
  /// - Returns: one array of its own memory for each parameter.
  public static func random(for network: Network, seed: UInt64) -> Parameters {
    var arrays: [String: ParameterArray] = [:]
    for (index, parameter) in network.parameters.enumerated() {
      let tensor: Tensor
      switch (parameter.role, parameter.shape.count) {
      case (.weight, 2...):
        let inputs = parameter.shape.dropFirst().reduce(1, *)
        tensor = .uniform(
          parameter.shape, bound: (6 / Float(inputs)).squareRoot(), seed: seed, stream: index)
      case (.weight, _):
        tensor = Tensor(shape: parameter.shape, elements: repeatElement(1, count: parameter.count))
      case (.statistic, _) where parameter.name.hasSuffix("running_var"):
        tensor = Tensor(shape: parameter.shape, elements: repeatElement(1, count: parameter.count))
      default:
        tensor = Tensor(zeros: parameter.shape)
      }
      arrays[parameter.name] = ParameterArray(tensor)
    }
    return Parameters(arrays, for: network)
  }
}

extension Parameters {
  /// A hash of the parameters that `network` uses, with their layouts, as 32 hexadecimal digits.
  ///
  /// - Parameter threads: how many arrays are read at once.
  package func fingerprint(
    for network: Network, threads: Int = Workers.defaultCount
  ) -> String {
    ParameterArray.fingerprint(
      of: network.parameters.map { ($0.name, self[$0.name]) }, threads: threads)
  }
}

extension ParameterArray {
  /// A hash of some parameters, their names, elements and layouts, as 32 hexadecimal digits.
  ///
  /// - Parameters:
  ///   - arrays: each with its name; their order matters.
  ///   - threads: how many are read at once.
  package static func fingerprint(
    of arrays: [(name: String, array: ParameterArray)],
    threads: Int = Workers.defaultCount
  ) -> String {
    let hashes = Workers.map(count: arrays.count, threads: threads) { index in
      let (name, array) = arrays[index]
      return "\(name) \(array.layout.rawValue) \(ContentHash(of: array.bytes))"
    }
    return ContentHash(of: Array(hashes.joined(separator: "\n").utf8)).description
  }
}
