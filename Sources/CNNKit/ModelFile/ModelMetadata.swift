internal import CNNCore
internal import CNNImage
internal import CNNSystem

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A description as the metadata of a safetensors file, texts by key, and back.
///
/// Each value but the version and the model's name is JSON with sorted keys, so that equal
/// descriptions are equal bytes.
struct ModelMetadata {
  /// The keys; all begin with `cnn.`, so that others may add their own.
  enum Key: String, CaseIterable {
    /// Marks a file as ours; `1`.
    case version = "cnn.version"
    /// The network, see `Network.encode(to:)`.
    case network = "cnn.network"
    /// `[{"name": "cat"}, {"name": "tench", "synset": "n01440764"}]`, in index order.
    case labels = "cnn.labels"
    /// See `Preprocessing`.
    case preprocessing = "cnn.preprocessing"
    /// The catalogue's name.
    case model = "cnn.model"
    /// Texts by name.
    case origin = "cnn.origin"
    /// Values by name.
    case metrics = "cnn.metrics"
    /// Names of linear weights that lie `[in, out]`.
    case inputOutput = "cnn.input_output"
    /// `{"file": ..., "fingerprint": ...}`: where the parameters are that are not in this file.
    case base = "cnn.base"
  }

  /// What the keys begin with.
  static let prefix = "cnn."
  static let version = "1"
  /// Longest text that is parsed, in bytes; the 1000 classes of ImageNet take 70 kB.
  private static let maximumLength = 8 << 20

  var description: ModelDescription
  var inputOutput: Set<String> = []
  var base: BaseWeights?

  init(_ description: ModelDescription) { self.description = description }

  /// What `texts` say; nil where they are not ours.
  ///
  /// - Throws: `corrupt`, `unknown`, `mismatch` or `invalidShape` for anything that is no whole and
  ///   consistent description; `unsupported` for a version that is not known.
  init?(_ texts: [String: String]) throws(CNNError) {
    guard let version = texts[Key.version.rawValue] else { return nil }
    guard version == Self.version else {
      throw CNNError(
        .weights, .unsupported, "the model file has a version that is not known here",
        found: version.printable, expected: Self.version, remedy: "Use a newer release")
    }
    let labels = try Self.value(LabelSet.self, .labels, texts)
    var description = ModelDescription(
      unchecked: try Self.value(Network.self, .network, texts), labels: labels,
      preprocessing: try Self.value(Preprocessing.self, .preprocessing, texts))
    if let contradiction = description.contradiction { throw contradiction }
    description.model = texts[Key.model.rawValue]?.printable
    description.origin = try Self.optional([String: String].self, .origin, texts) ?? [:]
    description.metrics = try Self.optional([String: Double].self, .metrics, texts) ?? [:]
    inputOutput = Set(try Self.optional([String].self, .inputOutput, texts) ?? [])
    base = try Self.optional(BaseWeights.self, .base, texts)
    self.description = description
    try checkLayouts()
  }

  /// The same as texts by key.
  var texts: [String: String] {
    let metrics = description.metrics.filter(\.value.isFinite)
    var texts: [Key: String] = [
      .version: Self.version, .network: CanonicalJSON.text(description.network),
      .labels: CanonicalJSON.text(description.labels),
      .preprocessing: CanonicalJSON.text(description.preprocessing),
    ]
    texts[.model] = description.model
    if !description.origin.isEmpty { texts[.origin] = CanonicalJSON.text(description.origin) }
    if !metrics.isEmpty { texts[.metrics] = CanonicalJSON.text(metrics) }
    if !inputOutput.isEmpty { texts[.inputOutput] = CanonicalJSON.text(inputOutput.sorted()) }
    if let base { texts[.base] = CanonicalJSON.text(base) }
    return Dictionary(uniqueKeysWithValues: texts.map { ($0.key.rawValue, $0.value) })
  }

  /// Only linear weights can lie `[in, out]`.
  private func checkLayouts() throws(CNNError) {
    let linear = description.network.parameters.filter { $0.role == .weight && $0.shape.count == 2 }
    let strangers = inputOutput.subtracting(linear.map(\.name))
    guard let stranger = strangers.min() else { return }
    throw CNNError(
      .weights, .corrupt, "\(Key.inputOutput.rawValue) names what is no linear weight",
      found: stranger.printable)
  }

  // MARK: JSON

  private static func value<Value: Decodable>(
    _ type: Value.Type, _ key: Key, _ texts: [String: String]
  ) throws(CNNError) -> Value {
    try optional(type, key, texts).or { () throws(CNNError) in
      throw CNNError(.weights, .corrupt, "the model file says nothing under \(key.rawValue)")
    }
  }

  private static func optional<Value: Decodable>(
    _ type: Value.Type, _ key: Key, _ texts: [String: String]
  ) throws(CNNError) -> Value? {
    guard let text = texts[key.rawValue] else { return nil }
    guard text.utf8.count <= maximumLength else {
      throw CNNError(
        .weights, .tooLarge, "\(key.rawValue) is too long", found: "\(text.utf8.count) bytes",
        expected: "at most \(maximumLength)")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw failure(error, key)
    }
  }

  /// What a decoder throws, in plain words; our own errors stay as they are, but that the file is to
  /// blame and not the call.
  private static func failure(_ error: any Error, _ key: Key) -> CNNError {
    if var error = error as? CNNError {
      error.domain = .weights
      error.subject = nil
      error.remedy = nil
      error.problem = "\(key.rawValue): \(error.problem)"
      return error
    }
    let (problem, path): (String, [any CodingKey]) =
      switch error as? DecodingError {
      case .keyNotFound(let key, let context): ("is missing", context.codingPath + [key])
      case .typeMismatch(_, let context): ("has the wrong type", context.codingPath)
      case .valueNotFound(_, let context): ("has no value", context.codingPath)
      case .dataCorrupted(let context) where !context.codingPath.isEmpty:
        (context.debugDescription.printable, context.codingPath)
      default: ("is no JSON that can be read", [])
      }
    let place = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue.printable)" }
      .joined()
    return CNNError(.weights, .corrupt, "\(key.rawValue)\(place): \(problem)")
  }
}
