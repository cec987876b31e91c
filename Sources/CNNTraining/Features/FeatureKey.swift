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
  /// How files become pixels.
  public let decoding: DecodingOptions
  /// What is done to pixels before the network.
  public let preprocessing: Preprocessing
  /// What computes the features: every level of kernels adds in an order of its own.
  public let kernels: KernelSet
  /// In how many bits it computes.
  public let arithmetic: CNNCore.Precision
  /// How the numbers are stored.
  public let precision: Precision

  /// The key of what `plan` computes.
  ///
  /// - Parameters:
  ///   - plan: of the frozen part.
  ///   - parameters: hash of its parameters, see `Parameters.fingerprint`.
  ///   - decoding: how files become pixels.
  ///   - preprocessing: what is done to these.
  ///   - precision: how the numbers are stored.
  public init(
    of plan: InferencePlan, parameters: String, decoding: DecodingOptions = DecodingOptions(),
    preprocessing: Preprocessing, precision: Precision = .float32
  ) {
    network = plan.network
    kernels = plan.options.kernels
    arithmetic = plan.options.precision
    self.parameters = parameters
    self.decoding = decoding
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
