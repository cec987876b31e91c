internal import CNNCore
internal import CNNSystem

extension Preprocessing: Codable {
  private enum Key: String, CaseIterable {
    case contrast, resize, resampling, centreCrop, channels, divisor, mean, standardDeviation
  }

  private static let stretched = "stretched"

  /// Decodes and checks.
  ///
  /// The form is `{"resize": {"shortSide": 256}, "resampling": "bilinear, antialiased",
  /// "centreCrop": {"height": 224, "width": 224}, "channels": "RGB", "divisor": 255, "mean":
  /// [0.485, 0.456, 0.406], "standardDeviation": [0.229, 0.224, 0.225]}`. `resize` may also be
  /// `{"squash": {"height": 227, "width": 227}}`; `mean` also `"of the picture"`; `"contrast":
  /// "stretched"` may be added. All but `resize`, `resampling` and `channels` may be missing.
  ///
  /// - Throws: `CNNError`: `corrupt` for another form, `unknown` for a key that is not known here
  ///   (ignoring a step would change what the network sees), and as the memberwise initialiser.
  public init(from decoder: any Decoder) throws {
    do {
      try self.init(checking: decoder.container(keyedBy: StringKey.self))
    } catch let error as DecodingError {
      throw Self.failure(error)
    }
  }

  private init(checking container: KeyedDecodingContainer<StringKey>) throws {
    try Self.checkKeys(container, known: Key.allCases.map(\.rawValue))
    func value<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
      try container.decodeIfPresent(type, forKey: StringKey(key.rawValue))
    }
    func required<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
      try container.decode(type, forKey: StringKey(key.rawValue))
    }
    if let contrast = try value(String.self, .contrast), contrast != Self.stretched {
      throw CNNError(
        .weights, .unknown, "preprocessing: unknown contrast", found: contrast,
        expected: Self.stretched)
    }
    try self.init(
      stretchesContrast: value(String.self, .contrast) != nil,
      resize: required(Resize.self, .resize),
      resampling: required(Resampling.self, .resampling),
      centreCrop: value(Extent.self, .centreCrop),
      channels: required(Channels.self, .channels),
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

  fileprivate static func checkKeys(
    _ container: KeyedDecodingContainer<StringKey>, known: [String]
  ) throws(CNNError) {
    let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw CNNError(
        .weights, .unknown, "preprocessing: unknown keys",
        found: unknown.joined(separator: ", "), expected: "only " + known.joined(separator: ", "),
        remedy: "The file may come from a newer version")
    }
  }

  private static func failure(_ error: DecodingError) -> CNNError {
    let (problem, context): (String, DecodingError.Context?) =
      switch error {
      case .keyNotFound(let key, let context): ("\(key.stringValue) is missing", context)
      case .typeMismatch(_, let context): ("a value has the wrong type", context)
      case .valueNotFound(_, let context): ("a value is missing", context)
      case .dataCorrupted(let context): (context.debugDescription, context)
      @unknown default: ("it cannot be read", nil)
      }
    let path = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
    return CNNError(
      .weights, .corrupt, "preprocessing: \(problem)\(path.isEmpty ? "" : " at \(path)")")
  }
}

extension Preprocessing.Resize: Codable {
  private static let shortSideKey = StringKey("shortSide")
  private static let squashKey = StringKey("squash")

  /// `{"shortSide": 256}` or `{"squash": {"height": 224, "width": 224}}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: StringKey.self)
    try Preprocessing.checkKeys(
      container, known: [Self.shortSideKey.stringValue, Self.squashKey.stringValue])
    if let length = try container.decodeIfPresent(Int.self, forKey: Self.shortSideKey) {
      self = .shortSide(length)
    } else {
      self = .squash(try container.decode(Extent.self, forKey: Self.squashKey))
    }
  }

  /// The form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: StringKey.self)
    switch self {
    case .shortSide(let length): try container.encode(length, forKey: Self.shortSideKey)
    case .squash(let size): try container.encode(size, forKey: Self.squashKey)
    }
  }
}

extension Preprocessing.Mean: Codable {
  private static let ofPictureWord = "of the picture"

  /// A list of numbers, or `"of the picture"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let word = try? container.decode(String.self) {
      guard word == Self.ofPictureWord else {
        throw CNNError(
          .weights, .unknown, "preprocessing: unknown mean", found: word,
          expected: "a list of numbers or \"\(Self.ofPictureWord)\"")
      }
      self = .ofPicture
    } else {
      self = .perChannel(try container.decode([Float].self))
    }
  }

  /// The form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .perChannel(let numbers): try container.encode(numbers)
    case .ofPicture: try container.encode(Self.ofPictureWord)
    }
  }
}

/// A key of any name, so that unknown ones are seen.
private struct StringKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}
