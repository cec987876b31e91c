public import CNNCore
public import CNNSystem

/// A network and its parameters from a weights file.
///
/// Binding is strict: arrays that are missing, unexpected or of another shape are reported together
/// in one error, and nothing is loaded in part.
public struct BoundWeights: Sendable {
  /// The network, flattening in the order its linear weights were trained with.
  public let network: Network
  /// Its parameters; they stay in the mapped file.
  public let parameters: Parameters
  /// The origin whose names and orders the file uses.
  public let layout: WeightsLayout
  /// How the file was understood where it could have meant something else; see
  /// `NamedArrays.notes`.
  public let notes: [String]

  /// Binds the arrays of a file to a network.
  ///
  /// - Parameters:
  ///   - arrays: what the file holds.
  ///   - network: the whole network.
  ///   - lastNode: the last node that is needed; parameters behind it may be absent.
  ///   - layout: the file's origin; nil to detect it by the names.
  ///   - allowsNonFinite: whether NaN and infinite weights are accepted.
  /// - Throws: `mismatch` with all problems; `ambiguous` where the file holds several such networks;
  ///   `unsupported` for whole numbers, which quantised files hold; `corrupt` for a wrong checksum;
  ///   `notFinite` for a weight that is NaN or infinite.
  public init(
    _ arrays: NamedArrays, to network: Network, lastNode: String? = nil,
    layout: WeightsLayout? = nil, allowsNonFinite: Bool = false
  ) throws(CNNError) {
    let (arrays, layout) = try arrays.matched(to: network, layout: layout)
    let needed = lastNode.map { network.truncated(after: $0) } ?? network
    let loaded = try Self.load(
      needed.parameters, of: network, from: arrays, layout, allowsNonFinite: allowsNonFinite)
    self.network = needed.flattening(layout.flattenOrder)
    parameters = Parameters(loaded, for: needed)
    self.layout = layout
    notes = arrays.notes
  }

  /// Whether the names and shapes of `arrays` are exactly those of `network`; reads no element.
  package static func fits(_ arrays: NamedArrays, _ network: Network) -> Bool {
    guard let (arrays, layout) = try? arrays.matched(to: network) else { return false }
    return WeightsFit(arrays, network, needing: network.parameters, layout).isPerfect
  }

  /// Some parameters of `network`, by the names that it gives them.
  ///
  /// - Parameters:
  ///   - needed: which parameters.
  ///   - arrays: what the file holds, under the names of `layout`.
  ///   - inputOutput: names of linear weights that are `[in, out]`, whatever `layout` says.
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
      throw fit.failure(arrays, network: network, layout: layout)
    }
    try requireFloatingPoint(fit.entries, arrays)
    return try ParameterLoader(layout: layout, allowsNonFinite: allowsNonFinite)
      .load(fit.entries, from: arrays)
  }

  /// Refuses whole numbers. Converted to Float32 they would make a network that answers nonsense,
  /// because the scales that belong to them are missing.
  private static func requireFloatingPoint(
    _ entries: [WeightsFit.Entry], _ arrays: NamedArrays
  ) throws(CNNError) {
    let whole = entries.compactMap { arrays[$0.fileName] }
      .filter { !$0.elementType.isFloatingPoint }
    guard let first = whole.first else { return }
    throw CNNError(
      .weights, .unsupported, "the weights are whole numbers, probably of a quantised model",
      subject: arrays.path?.displayName, at: .tensor(first.name.printable),
      found: "\(whole.count) arrays of whole numbers, the first of type "
        + first.elementType.rawValue,
      expected: "floating-point numbers (F16, BF16, F32 or F64)",
      remedy: "Use the weights from before they were quantised")
  }
}
