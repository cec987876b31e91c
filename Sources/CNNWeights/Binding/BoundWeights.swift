public import CNNCore
public import CNNSystem

/// A network and its parameters from a file, every array in its place.
///
/// Binding is strict: what is missing, of another shape or unexpected is reported together, and
/// nothing is half loaded.
public struct BoundWeights: Sendable {
  /// The network, flattening in the order its linear weights were trained with.
  public let network: Network
  /// Its parameters; linear weights lie in the mapped file.
  public let parameters: Parameters
  /// The origin whose names and orders the file uses.
  public let layout: WeightsLayout

  /// Binds the arrays of a file to a network.
  ///
  /// - Parameters:
  ///   - arrays: what the file holds.
  ///   - network: the whole network.
  ///   - lastNode: the last node that is needed; parameters behind it may be absent.
  ///   - layout: the file's origin; nil: detected by its names.
  ///   - allowsNonFinite: whether NaN and infinite weights are accepted.
  /// - Throws: `mismatch` with all problems; `corrupt` for a wrong checksum or a weight that is not
  ///   a finite number.
  public init(
    _ arrays: NamedArrays, to network: Network, lastNode: String? = nil,
    layout: WeightsLayout? = nil, allowsNonFinite: Bool = false
  ) throws(CNNError) {
    let layout = try layout.or { () throws(CNNError) in
      try WeightsLayout.detect(arrays, network)
    }
    let needed = lastNode.map { network.truncated(after: $0) } ?? network
    let loaded = try Self.load(
      needed.parameters, of: network, from: arrays, layout, allowsNonFinite: allowsNonFinite)
    self.network = needed.flattening(layout.flattenOrder)
    parameters = Parameters(loaded, for: needed)
    self.layout = layout
  }

  /// Whether the names and shapes of `arrays` are exactly those of `network`; reads no number.
  package static func fits(_ arrays: NamedArrays, _ network: Network) -> Bool {
    guard let layout = try? WeightsLayout.detect(arrays, network) else { return false }
    return WeightsFit(arrays, network, needing: network.parameters, layout).isPerfect
  }

  /// Some parameters of `network`, by our names.
  ///
  /// - Parameters:
  ///   - needed: which.
  ///   - arrays: what the file holds.
  ///   - inputOutput: names of linear weights that lie `[in, out]`, whatever `layout` says.
  ///   - refusesOthers: whether arrays that belong to no parameter of the network are an error.
  ///   - allowsNonFinite: whether NaN and infinite weights are accepted.
  /// - Throws: as the initialiser.
  package static func load(
    _ needed: [ParameterDescription], of network: Network, from arrays: NamedArrays,
    _ layout: WeightsLayout, inputOutput: Set<String> = [], refusesOthers: Bool = true,
    allowsNonFinite: Bool = false
  ) throws(CNNError) -> [String: ParameterArray] {
    let fit = WeightsFit(
      arrays, network, needing: needed, layout, inputOutput: inputOutput,
      refusesOthers: refusesOthers)
    guard fit.isPerfect else {
      throw fit.failure(file: arrays.path?.displayName, network: network, layout: layout)
    }
    return try ParameterLoader(layout: layout, allowsNonFinite: allowsNonFinite)
      .load(fit.entries, from: arrays)
  }
}
