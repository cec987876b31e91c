/// What one output of a network stands for.
///
/// Two ImageNet classes are both called "crane", so the index is the identity and the name is for
/// people.
public struct ClassLabel: Sendable, Hashable, Codable {
  /// Position among the network's outputs, from 0.
  public let index: Int
  /// The name, such as `African elephant, Loxodonta africana`.
  public let name: String
  /// The WordNet identifier of an ImageNet class, such as `n02504458`.
  public let synset: String?

  /// A label from its parts.
  public init(index: Int, name: String, synset: String? = nil) {
    self.index = index
    self.name = name
    self.synset = synset
  }
}
