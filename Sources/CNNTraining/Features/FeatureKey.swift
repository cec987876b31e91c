public import CNNCore
public import CNNImage
internal import CNNSystem

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Everything that decides the outputs of the last frozen node, but for the picture: equal keys,
/// equal features, whichever run computed them.
public struct FeatureKey: Sendable, Hashable, Codable {
  /// How features are stored.
  public enum Precision: String, Sendable, Hashable, Codable {
    /// The very numbers.
    case float32 = "fp32"
    /// Half precision: half the space, a relative error of 2^-11.
    case float16 = "fp16"
  }

  /// The frozen part, as a network of its own.
  public let network: Network
  /// Hash of its parameters, see `Parameters.fingerprint`.
  public let parameters: String
  /// What is done to pixels before it.
  public let preprocessing: Preprocessing
  /// How the numbers are stored.
  public let precision: Precision

  /// A key from its parts.
  public init(
    network: Network, parameters: String, preprocessing: Preprocessing,
    precision: Precision = .float32
  ) {
    self.network = network
    self.parameters = parameters
    self.preprocessing = preprocessing
    self.precision = precision
  }

  /// The node whose outputs are stored.
  public var node: String { network.nodes.last?.name ?? Network.inputName }

  /// Shape of the features of one picture.
  public var shape: [Int] { network.nodes.last?.outputShape ?? network.inputShape }

  /// 32 hexadecimal digits that stand for the key.
  public var digest: String { ContentHash(of: json).description }

  /// The key as JSON, which begins every file of features.
  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self))
    } catch {
      preconditionFailure("a key holds plain values: \(error)")
    }
  }
}
