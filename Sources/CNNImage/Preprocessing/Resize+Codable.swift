internal import CNNCore
internal import CNNSystem

extension Preprocessing.Resize: Codable {
  private static let shortSideKey = "shortSide"
  private static let squashKey = "squash"

  /// How it is written in JSON.
  static let jsonForm = "{\"shortSide\": 256} or {\"squash\": {\"height\": 224, \"width\": 224}}"

  /// `{"shortSide": 256}` or `{"squash": {"height": 224, "width": 224}}`, one of them.
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

  /// The form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: StringKey.self)
    switch self {
    case .shortSide(let length): try container.encode(length, forKey: StringKey(Self.shortSideKey))
    case .squash(let size): try container.encode(size, forKey: StringKey(Self.squashKey))
    }
  }
}
