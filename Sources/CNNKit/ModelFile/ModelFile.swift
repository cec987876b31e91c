public import CNNCore
internal import CNNImage
public import CNNSystem
public import CNNWeights
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A trained model as one safetensors file: its parameters as tensors, and in its metadata the
/// network, the class labels and the preprocessing. It can be used without knowing anything else.
///
///     let file = try ModelFile(contentsOf: "runs/pets/best.safetensors")
///     print(file.description.labels[0].name)
///     let parameters = try file.parameters()
///
/// Any safetensors library reads the tensors. They have the names of the network's parameters, which
/// for ResNets are those of torchvision, so `load_state_dict` takes them as they are. Convolution
/// weights are `[O, I, kH, kW]`. A linear weight keeps the order it has in memory: `[out, in]`, as
/// PyTorch has it, unless the weights that training began with came from TensorFlow. Then it is
/// `[in, out]` here too, and its name stands in the metadata under `cnn.input_output`. Turning it
/// over would cost more than writing it, at every checkpoint, and a run that goes on from the file
/// could not be the same bits.
public struct ModelFile: Sendable {
  /// Before the names of tensors that are no parameters of the network, such as an optimiser's state.
  public static let extraPrefix = "optimizer."

  /// All tensors.
  public let arrays: NamedArrays
  /// What the model is.
  public let description: ModelDescription
  /// Where the parameters are that are not in this file; nil where it has all of them.
  public let base: BaseWeights?
  /// Names of linear weights that lie `[in, out]`.
  let inputOutput: Set<String>

  /// The model in a file, which stays mapped.
  ///
  /// - Throws: as `WeightsFile.read`; `unsupported` for weights that do not describe themselves;
  ///   `corrupt`, `mismatch` or `invalidShape` where the description is damaged.
  public init(contentsOf path: FilePath) throws(CNNError) {
    let file = try ModelFile(try WeightsFile.read(path))
    self = try file.or { () throws(CNNError) in
      throw CNNError(
        .weights, .unsupported, "the file holds weights and does not say of which network",
        subject: path.displayName)
    }
  }

  /// The same from a file URL.
  public init(contentsOf url: URL) throws(CNNError) {
    try self.init(contentsOf: FilePath(fileURL: url))
  }

  /// The model that `arrays` are; nil where they are plain weights, without a description.
  ///
  /// - Throws: `corrupt`, `mismatch`, `invalidShape`, `unsupported` where the description is damaged.
  public init?(_ arrays: NamedArrays) throws(CNNError) {
    let metadata: ModelMetadata
    do {
      guard let found = try ModelMetadata(arrays.metadata) else { return nil }
      metadata = found
    } catch {
      throw error.about(arrays.path?.displayName ?? "the model")
    }
    self.arrays = arrays
    description = metadata.description
    base = metadata.base
    inputOutput = metadata.inputOutput
  }

  /// What was stored beside the model; see `write`.
  public var extraMetadata: [String: String] {
    arrays.metadata.filter { !$0.key.hasPrefix(ModelMetadata.prefix) }
  }

  /// A tensor that was stored beside the parameters, or nil.
  ///
  /// - Parameter name: with `extraPrefix`.
  /// - Throws: `corrupt` where its bytes contradict a checksum.
  public func extraTensor(_ name: String) throws(CNNError) -> Tensor? {
    guard let array = arrays[name] else { return nil }
    return ParameterArray(shape: array.shape, bytes: try array.floats()).tensor()
  }

  /// The names of the parameters that this file holds itself.
  public var ownParameters: Set<String> {
    Set(description.network.parameters.map(\.name).filter { arrays[$0] != nil })
  }

  /// The parameters of the network, bound strictly; linear weights stay in the mapped file.
  ///
  /// - Parameters:
  ///   - lastNode: the last node that is needed; nil for the whole network. Precondition: it exists.
  ///   - baseFile: where the base's weights are, if not where the file says.
  ///   - allowsNonFinite: whether NaN and infinite weights are accepted.
  /// - Throws: `mismatch` with everything that is missing, misshapen or unexpected, and for a base
  ///   that is not the one that was trained with; `notFound` where the base is not there.
  public func parameters(
    upTo lastNode: String? = nil, base baseFile: FilePath? = nil, allowsNonFinite: Bool = false
  ) throws(CNNError) -> Parameters {
    let network = description.network
    let needed = lastNode.map { network.truncated(after: $0) } ?? network
    let own = base == nil ? needed.parameters : needed.parameters.filter { arrays[$0.name] != nil }
    let known = Set(network.parameters.map(\.name))
    let tensors = try arrays.dropping { name in
      name.hasPrefix(Self.extraPrefix) && !known.contains(name)
    }
    var loaded = try BoundWeights.load(
      own, of: network, from: tensors, .native, inputOutput: inputOutput,
      allowsNonFinite: allowsNonFinite)
    if let base {
      let rest = try baseParameters(base, in: baseFile, allowsNonFinite: allowsNonFinite)
      loaded.merge(rest) { own, _ in own }
    }
    return Parameters(loaded, for: needed)
  }

  /// The parameters that are not in this file.
  private func baseParameters(
    _ base: BaseWeights, in file: FilePath?, allowsNonFinite: Bool
  ) throws(CNNError) -> [String: ParameterArray] {
    let path = file ?? base.location(for: arrays.path ?? FilePath())
    let network = description.network
    let missing = network.parameters.filter { arrays[$0.name] == nil }
    var baseArrays = try readBase(path)
    let model = try ModelFile(baseArrays)
    guard model?.base == nil else {
      throw CNNError(
        .weights, .unsupported, "a base cannot have a base of its own", subject: path.displayName)
    }
    var layout = WeightsLayout.native
    if model == nil { (baseArrays, layout) = try baseArrays.matched(to: network) }
    let loaded = try BoundWeights.load(
      missing, of: network, from: baseArrays, layout,
      inputOutput: model?.inputOutput ?? [], refusesOthers: false,
      allowsNonFinite: allowsNonFinite)
    let fingerprint = ParameterArray.fingerprint(
      of: missing.compactMap { parameter in loaded[parameter.name].map { (parameter.name, $0) } })
    guard fingerprint == base.fingerprint else {
      throw CNNError(
        .weights, .mismatch, "these are not the weights that the model was trained on",
        subject: path.displayName, found: fingerprint, expected: base.fingerprint)
    }
    return loaded
  }

  /// Reads the base, or says what it is for.
  private func readBase(_ path: FilePath) throws(CNNError) -> NamedArrays {
    do {
      return try WeightsFile.read(path)
    } catch {
      guard error.code == .notFound else { throw error }
      throw CNNError(
        .weights, .baseNotFound, "the weights that the model was trained on are not there",
        subject: arrays.path?.displayName, expected: path.displayName,
        remedy: CNNError.Remedy(
          "The file holds only what was trained: put its base there, or name it", action: .nameBase)
      )
    }
  }
}

extension CNNError.Code {
  /// A model file needs other weights, which are not where it says.
  public static let baseNotFound = CNNError.Code(rawValue: "base-not-found")
}

/// The weights that a model was trained on top of, for a file that holds only what was trained.
public struct BaseWeights: Sendable, Hashable, Codable {
  /// The weights file, relative to the folder of the model file, or absolute.
  public let file: String
  /// Hash of the parameters that are taken from there; see `Parameters.fingerprint`.
  public let fingerprint: String

  /// A base from its parts.
  public init(file: String, fingerprint: String) {
    self.file = file
    self.fingerprint = fingerprint
  }

  /// Where the file should be, for a model file at `path`.
  func location(for path: FilePath) -> FilePath {
    path.removingLastComponent().pushing(FilePath(file))
  }
}
