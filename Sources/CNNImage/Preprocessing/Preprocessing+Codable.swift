internal import CNNCore
public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Preprocessing {
  /// The largest file that is read as a description, in bytes.
  private static let maximumFileSize = 1 << 20

  /// A preprocessing from a JSON file.
  ///
  /// - Throws: `data` errors that name the file: as for `init(json:)`, and `notFound`, `unreadable`,
  ///   `empty` or `tooLarge` (above one megabyte).
  public init(contentsOf path: FilePath) throws(CNNError) {
    let bytes = try InputFile(path, domain: .data).read(limit: Self.maximumFileSize)
    do {
      try self.init(json: bytes.array)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// A preprocessing from JSON in the form that `Preprocessing` shows.
  ///
  /// - Throws: `data` errors: `corrupt` for what is no JSON or has another form, `unknown` for keys
  ///   and words that are not known, and as the memberwise initialiser. Each error names the key and
  ///   what is expected, and gives an example.
  public init(json: some Collection<UInt8>) throws(CNNError) {
    do {
      self = try JSONDecoder().decode(Preprocessing.self, from: Data(json))
    } catch var error as CNNError {
      error.domain = .data
      error.remedy = error.remedy.map { "\($0). \(Self.remedy)" } ?? Self.remedy
      throw error
    } catch {
      throw CNNError(
        .data, .corrupt, "preprocessing: this is not valid JSON", remedy: Self.remedy)
    }
  }

  private static let remedy: CNNError.Remedy = """
    A valid one is {"resize": {"shortSide": 256}, "resampling": "bilinear, antialiased", \
    "centreCrop": {"height": 224, "width": 224}, "channels": "RGB", "divisor": 255, \
    "mean": [0.485, 0.456, 0.406], "standardDeviation": [0.229, 0.224, 0.225]}
    """
}

// MARK: Codable

extension Preprocessing: Codable {
  private enum Key: String, CaseIterable {
    case contrast, resize, resampling, centreCrop, channels, divisor, mean, standardDeviation
  }

  private static let stretched = "stretched"

  /// Decodes the form that the documentation of `Preprocessing` shows, and checks it.
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
  fileprivate static func checkKeys(
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

  /// The values that are possible for `key`, as written in JSON.
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

  /// An error about the value of `key`; nil stands for the whole object.
  private static func failure(_ problem: String, _ key: Key?, path: String? = nil) -> CNNError {
    CNNError(
      .weights, .corrupt, "preprocessing: \(path ?? key?.rawValue ?? "it") \(problem)",
      expected: key.map(expectation)
        ?? "an object with " + Key.allCases.map(\.rawValue).joined(separator: ", "))
  }

  /// A decoder's error in plain words. Errors of this package stay as they are.
  ///
  /// - Parameter depth: how many keys of the coding path lead to the preprocessing itself.
  private static func failure(_ error: any Error, _ key: Key?, depth: Int) -> CNNError {
    if let error = error as? CNNError { return error }
    // For a number that the type cannot hold, the decoder throws another error, without a path.
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

extension Preprocessing.Resize: Codable {
  private static let shortSideKey = "shortSide"
  private static let squashKey = "squash"

  /// The form in JSON, for messages.
  static let jsonForm = "{\"shortSide\": 256} or {\"squash\": {\"height\": 224, \"width\": 224}}"

  /// Decodes `{"shortSide": 256}` or `{"squash": {"height": 224, "width": 224}}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: StringKey.self)
    try Preprocessing.checkKeys(container, known: [Self.shortSideKey, Self.squashKey])
    let keys = container.allKeys
    guard keys.count == 1, let key = keys.first else {
      throw CNNError(
        .weights, .corrupt, "preprocessing: resize needs exactly one key",
        found: "\(keys.count)", expected: Self.jsonForm)
    }
    self =
      key.stringValue == Self.shortSideKey
      ? .shortSide(try container.decode(Int.self, forKey: key))
      : .squash(try container.decode(Extent.self, forKey: key))
  }

  /// Encodes the form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: StringKey.self)
    switch self {
    case .shortSide(let length): try container.encode(length, forKey: StringKey(Self.shortSideKey))
    case .squash(let size): try container.encode(size, forKey: StringKey(Self.squashKey))
    }
  }
}

extension Preprocessing.Mean: Codable {
  private static let ofPictureWord = "of the picture"

  /// The form in JSON, for messages.
  static let jsonForm = "a list of numbers, one a channel, or \"\(ofPictureWord)\""

  /// Decodes a list of numbers, or `"of the picture"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let word = try? container.decode(String.self) {
      guard word == Self.ofPictureWord else {
        throw CNNError(
          .weights, .unknown, "preprocessing: mean has an unknown value", found: "\"\(word)\"",
          expected: Self.jsonForm)
      }
      self = .ofPicture
    } else {
      self = .perChannel(try container.decode([Float].self))
    }
  }

  /// Encodes the form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .perChannel(let numbers): try container.encode(numbers)
    case .ofPicture: try container.encode(Self.ofPictureWord)
    }
  }
}

/// A key of any name, so that unknown keys are found and refused.
private struct StringKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}
