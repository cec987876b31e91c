internal import CNNCore

/// The parameters keep their own names.
func nativeNames(of network: Network) -> [String: String] {
  Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.name) })
}

/// The node's name and a suffix: `conv1_w`, `conv1_1_W`, `conv1/0`.
///
/// No origin of this kind has BatchNorm, so its parameters get no name.
func suffixedNames(of network: Network, weight: String, bias: String) -> [String: String] {
  var names: [String: String] = [:]
  for node in network.nodes {
    if case .batchNorm = node.layer { continue }
    for parameter in node.parameters {
      names[parameter.name] = node.name + (parameter.role == .weight ? weight : bias)
    }
  }
  return names
}
