internal import CNNSystem

extension Preprocessing.Mean: Codable {
  private static let ofPictureWord = "of the picture"

  /// How it is written in JSON.
  static let jsonForm = "a list of numbers, one a channel, or \"\(ofPictureWord)\""

  /// A list of numbers, or `"of the picture"`.
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

  /// The form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .perChannel(let numbers): try container.encode(numbers)
    case .ofPicture: try container.encode(Self.ofPictureWord)
    }
  }
}
