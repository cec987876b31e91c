internal import CNNCore
internal import CNNSystem

extension Preprocessing: Codable {
  private enum Key: String, CaseIterable {
    case contrast, resize, resampling, centreCrop, channels, divisor, mean, standardDeviation
  }

  private static let stretched = "stretched"

  /// Decodes the form that the comment of `Preprocessing` shows, and checks.
  ///
  /// - Throws: `CNNError`: `corrupt` for another form, `unknown` for a key or a word that is not
  ///   known here, and as the memberwise initialiser.
  public init(from decoder: any Decoder) throws {
    let depth = decoder.codingPath.count
    let container: KeyedDecodingContainer<StringKey>
    do {
      container = try decoder.container(keyedBy: StringKey.self)
    } catch {
      throw Self.failure(error, nil, depth: depth)
    }
    try self.init(checking: container, depth: depth)
  }

  private init(checking container: KeyedDecodingContainer<StringKey>, depth: Int) throws(CNNError) {
    try Self.checkKeys(container, known: Key.allCases.map(\.rawValue))
    func value<Value: Decodable>(_ type: Value.Type, _ key: Key) throws(CNNError) -> Value? {
      do {
        return try container.decodeIfPresent(type, forKey: StringKey(key.rawValue))
      } catch {
        throw Self.failure(error, key, depth: depth)
      }
    }
    func required<Value: Decodable>(_ type: Value.Type, _ key: Key) throws(CNNError) -> Value {
      try value(type, key).or { () throws(CNNError) in throw Self.failure("is missing", key) }
    }
    func word<Word>(_ key: Key) throws(CNNError) -> Word
    where Word: CaseIterable & RawRepresentable<String> {
      let text = try required(String.self, key)
      return try Word(rawValue: text).or { () throws(CNNError) in
        throw Self.unknownWord(text, key)
      }
    }
    let contrast = try value(String.self, .contrast)
    if let contrast, contrast != Self.stretched { throw Self.unknownWord(contrast, .contrast) }
    try self.init(
      stretchesContrast: contrast != nil,
      resize: required(Resize.self, .resize),
      resampling: word(.resampling),
      centreCrop: value(Extent.self, .centreCrop),
      channels: word(.channels),
      divisor: value(Float.self, .divisor) ?? 1,
      mean: value(Mean.self, .mean),
      standardDeviation: value([Float].self, .standardDeviation))
  }

  /// Encodes the form that `init(from:)` reads, without the steps that are not done.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: StringKey.self)
    func encode(_ value: some Encodable, _ key: Key) throws {
      try container.encode(value, forKey: StringKey(key.rawValue))
    }
    if stretchesContrast { try encode(Self.stretched, .contrast) }
    try encode(resize, .resize)
    try encode(resampling, .resampling)
    if let centreCrop { try encode(centreCrop, .centreCrop) }
    try encode(channels, .channels)
    try encode(divisor, .divisor)
    try encode(mean, .mean)
    try encode(standardDeviation, .standardDeviation)
  }

  // MARK: Errors

  /// Throws unless `container` has only `known` keys.
  static func checkKeys(
    _ container: KeyedDecodingContainer<StringKey>, known: [String]
  ) throws(CNNError) {
    let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw CNNError(
        .weights, .unknown, "preprocessing: unknown keys",
        found: unknown.joined(separator: ", "), expected: "only " + known.joined(separator: ", "))
    }
  }

  private static func unknownWord(_ word: String, _ key: Key) -> CNNError {
    CNNError(
      .weights, .unknown, "preprocessing: \(key.rawValue) has an unknown value",
      found: "\"\(word)\"", expected: expectation(key))
  }

  /// What stands under `key`, as it is written in JSON.
  private static func expectation(_ key: Key) -> String {
    switch key {
    case .contrast: "\"\(stretched)\""
    case .resize: Resize.jsonForm
    case .resampling: alternatives(Resampling.allCases)
    case .centreCrop: "{\"height\": 224, \"width\": 224}"
    case .channels: alternatives(Channels.allCases)
    case .divisor: "a number such as 255"
    case .mean: Mean.jsonForm
    case .standardDeviation: "a list of numbers, one a channel"
    }
  }

  private static func alternatives(_ words: [some RawRepresentable<String>]) -> String {
    words.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
  }

  /// An error about what stands under `key`; nil for the whole.
  private static func failure(_ problem: String, _ key: Key?, path: String? = nil) -> CNNError {
    CNNError(
      .weights, .corrupt, "preprocessing: \(path ?? key?.rawValue ?? "it") \(problem)",
      expected: key.map(expectation)
        ?? "an object with " + Key.allCases.map(\.rawValue).joined(separator: ", "))
  }

  /// What a decoder throws, in plain words; our own errors stay as they are.
  ///
  /// - Parameter depth: keys of the coding path that lead to the preprocessing itself.
  private static func failure(_ error: any Error, _ key: Key?, depth: Int) -> CNNError {
    if let error = error as? CNNError { return error }
    // A number that the type cannot hold is an error of the decoder's own, without a path.
    guard let error = error as? DecodingError else { return failure("cannot be read", key) }
    let (problem, path): (String, [any CodingKey]) =
      switch error {
      case .keyNotFound(let key, let context): ("is missing", context.codingPath + [key])
      case .typeMismatch(_, let context): ("has the wrong type", context.codingPath)
      case .valueNotFound(_, let context): ("has no value", context.codingPath)
      case .dataCorrupted(let context): ("cannot be read", context.codingPath)
      @unknown default: ("cannot be read", [])
      }
    let inner = path.dropFirst(depth)
    return failure(problem, key, path: inner.isEmpty ? nil : name(of: inner))
  }

  /// `resize.squash.height`, `mean[2]`.
  private static func name(of path: ArraySlice<any CodingKey>) -> String {
    path.reduce("") { name, key in
      if let index = key.intValue { return "\(name)[\(index)]" }
      return name.isEmpty ? key.stringValue : "\(name).\(key.stringValue)"
    }
  }
}
