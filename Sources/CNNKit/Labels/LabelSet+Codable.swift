/// Labels as JSON, in index order: `[{"name": "cat"}, {"name": "tench", "synset": "n01440764"}]`.
extension LabelSet: Codable {
  private struct Entry: Codable {
    let name: String
    let synset: String?
  }

  /// The most labels that are read, far above ImageNet's 21,841.
  private static let maximumCount = 1_000_000

  /// Writes a name, and a synset where there is one, for each label.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for label in labels {
      try container.encode(Entry(name: label.name, synset: label.synset))
    }
  }

  /// Reads what `encode` writes, from a file that may hold anything.
  ///
  /// - Throws: `DecodingError` for other JSON, and for names that are empty or hold control
  ///   characters, which a terminal would obey.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    var labels: [ClassLabel] = []
    while !container.isAtEnd {
      let entry = try container.decode(Entry.self)
      guard labels.count < Self.maximumCount, entry.name.isPlainText, !entry.name.isEmpty,
        entry.synset?.isPlainText ?? true
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "is empty, holds control characters or is one too many")
      }
      labels.append(ClassLabel(index: labels.count, name: entry.name, synset: entry.synset))
    }
    self.init(labels: labels)
  }
}
