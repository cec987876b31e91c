/// A network as JSON: its name, its input `[C, H, W]` and its nodes; shapes are computed anew.
///
/// A model file carries it, so that one file is a whole model and any network can be in it.
extension Network: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, input, nodes
  }

  private struct Step: Codable {
    let name: String
    let layer: Layer
    let inputs: [String]
  }

  /// Writes the nodes without their shapes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(inputShape, forKey: .input)
    try container.encode(
      nodes.map { Step(name: $0.name, layer: $0.layer, inputs: $0.inputs) }, forKey: .nodes)
  }

  /// Reads what `encode` writes, from a file that may hold anything.
  ///
  /// - Throws: `DecodingError` for what is no network, `CNNError` for one whose shapes do not fit.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let input = try container.decode([Int].self, forKey: .input)
    let steps = try container.decode([Step].self, forKey: .nodes)
    func fail(_ key: CodingKeys, _ problem: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
    guard input.count == 3, input.allSatisfy({ (1...(1 << 13)).contains($0) }) else {
      throw fail(.input, "\(input) is no input [C, H, W]")
    }
    guard !steps.isEmpty else { throw fail(.nodes, "there are none") }
    var known: Set = [Network.inputName]
    for step in steps {
      let isJoin = step.layer == .add || step.layer == .concat
      guard !step.inputs.isEmpty, isJoin || step.inputs.count == 1 else {
        throw fail(.nodes, "\(step.name) has \(step.inputs.count) inputs")
      }
      guard step.inputs.allSatisfy(known.contains) else {
        throw fail(.nodes, "\(step.name) reads a node that is not before it")
      }
      guard known.insert(step.name).inserted else {
        throw fail(.nodes, "two nodes are called \(step.name)")
      }
    }
    try self.init(
      name: try container.decode(String.self, forKey: .name), inputShape: input,
      steps: steps.map { ($0.name, $0.layer, $0.inputs) })
  }
}
