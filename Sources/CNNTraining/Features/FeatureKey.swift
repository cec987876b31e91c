public import CNNCore
public import CNNImage
internal import CNNSystem

/// Everything that decides the outputs of the last frozen node, but for the picture: equal keys,
/// equal features, whichever run computed them.
public struct FeatureKey: Sendable, Hashable, Codable {
  /// How features are stored.
  public enum Storage: String, Sendable, Hashable, Codable {
    /// As they are.
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
  /// What computes the features: every set of kernels adds in an order of its own.
  public let kernels: KernelSet
  /// The number format in which the frozen part computes.
  public let arithmetic: Precision
  /// How features are stored.
  public let storage: Storage

  /// The key of what `plan` computes.
  ///
  /// - Parameters:
  ///   - plan: of the frozen part.
  ///   - parameters: hash of its parameters, see `Parameters.fingerprint`.
  ///   - decoding: how files become pixels.
  ///   - preprocessing: what is done to these.
  ///   - storage: how features are stored.
  public init(
    of plan: InferencePlan, parameters: String, decoding: DecodingOptions = DecodingOptions(),
    preprocessing: Preprocessing, storage: Storage = .float32
  ) {
    network = plan.network
    kernels = plan.options.kernels
    arithmetic = plan.options.precision
    self.parameters = parameters
    self.decoding = decoding
    self.preprocessing = preprocessing
    self.storage = storage
  }

  /// The node whose outputs are stored.
  public var node: String { network.nodes.last?.name ?? Network.inputName }

  /// Shape of the features of one picture.
  public var shape: [Int] { network.nodes.last?.outputShape ?? network.inputShape }

  /// 32 hexadecimal digits that stand for the key.
  public var digest: String { ContentHash(of: json).description }

  /// The key as JSON, which begins every file of features.
  var json: [UInt8] { CanonicalJSON.encode(self) }

  /// Files of features begin with these names, so they stay.
  private enum CodingKeys: String, CodingKey {
    case network, parameters, decoding, preprocessing, kernels, arithmetic
    case storage = "precision"
  }
}
