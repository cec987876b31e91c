internal import CNNSystem

/// A network as JSON: its name, its input `[C, H, W]` and its nodes; shapes are computed anew.
///
/// Model files contain it, so a file holds a whole model, of any network.
extension Network: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, input, nodes
  }

  private struct Step: Codable {
    let name: String
    let layer: Layer
    let inputs: [String]
  }

  /// Limits for files, far above any published network.
  private static let largestNodeCount = 1 << 13
  private static let longestName = 200

  /// Whether a name can be shown in tables and messages.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= longestName && text.isPlainText
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
    let name = try container.decode(String.self, forKey: .name)
    func fail(_ key: CodingKeys, _ problem: String) -> DecodingError {
      DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
    guard input.count == 3, input.allSatisfy({ (1...(1 << 13)).contains($0) }) else {
      throw fail(.input, "\(input) is no input [C, H, W]")
    }
    guard (1...Self.largestNodeCount).contains(steps.count) else {
      throw fail(.nodes, "\(steps.count) are not from 1 to \(Self.largestNodeCount)")
    }
    guard Self.isName(name) else { throw fail(.name, "it is no printable name") }
    var known: Set = [Network.inputName]
    for step in steps {
      guard Self.isName(step.name) else { throw fail(.nodes, "a node has no printable name") }
      let problem = Self.problem(
        (step.name, step.layer, step.inputs), known: { known.contains($0) })
      if let problem { throw fail(.nodes, problem) }
      known.insert(step.name)
    }
    try self.init(
      name: name, inputShape: input,
      steps: steps.map { ($0.name, $0.layer, $0.inputs) })
  }
}
