public import CNNCore
internal import CNNSystem

/// Forward and backward through the part of a network that is trained.
///
/// The part begins behind a node whose outputs are given (the feature cache), or at the picture,
/// and ends at the logits. A pass is immutable; parameters and results are values.
public struct TrainingPass: Sendable {
  /// Where the batch normalisations that are trained take their statistics from.
  public enum NormStatistics: String, Sendable, Codable {
    /// From the batch, while the running statistics follow (momentum 0.1, as in PyTorch).
    case batch
    /// The running statistics, which stay as they are; weight and bias are trained.
    case running
  }

  /// The nodes that are computed, in order.
  public let nodes: [Network.Node]
  /// The name of what `forward` takes: a node, or `Network.inputName`.
  public let input: String
  /// The parameters that are trained, in the order of the nodes.
  public let trainedParameters: [ParameterDescription]
  /// Worker threads.
  public let threads: Int
  let steps: [TrainingStep]

  /// Prepares the part of `network` behind `features` that leads to its logits.
  ///
  /// - Parameters:
  ///   - network: the whole network.
  ///   - features: the node whose outputs are given, see `Network.featureNode`; nil for the
  ///     picture. Precondition: nothing behind it reads anything before it.
  ///   - frozen: names of nodes whose parameters stay; batch normalisations among them use their
  ///     running statistics.
  ///   - statistics: those of the batch normalisations that are trained.
  ///   - threads: worker threads; nil for one on each processor.
  public init(
    network: Network, features: String? = nil, frozen: Set<String> = [],
    statistics: NormStatistics = .batch, threads: Int? = nil
  ) {
    let part = network.truncated(after: network.logitsNode.name)
    let input = features ?? Network.inputName
    let first = features.map { name in
      guard let index = part.nodes.firstIndex(where: { $0.name == name }) else {
        preconditionFailure("\(name) does not lead to the logits")
      }
      return index + 1
    }
    nodes = Array(part.nodes[(first ?? 0)...])
    self.input = input
    self.threads = threads ?? Workers.availableProcessors
    steps = TrainingStep.prepare(nodes, input: input, frozen: frozen, statistics: statistics)
    trainedParameters = nodes.filter { !frozen.contains($0.name) }
      .flatMap { $0.parameters.filter { $0.role != .statistic } }
  }

  /// The node whose output `forward` returns.
  var output: String { nodes.last?.name ?? input }
}

/// The randomness of one step: dropout masks are a pure function of it.
public struct TrainingRandomness: Sendable, Hashable {
  /// The seed of the run.
  public var seed: UInt64
  /// The number of the step in the run.
  public var step: Int
  /// Whether dropout drops; off, it is the identity.
  public var drops: Bool

  /// The randomness of step `step` of the run with the seed `seed`.
  public init(seed: UInt64, step: Int, drops: Bool = true) {
    self.seed = seed
    self.step = step
    self.drops = drops
  }

  /// The mask of a dropout node; nil where nothing is dropped.
  func dropout(_ node: Network.Node) -> Dropout? {
    guard drops, case .dropout(let rate) = node.layer, rate > 0 else { return nil }
    // "dropout" in ASCII keeps this use apart from all others of the seed.
    var key = RandomBits.mix(seed ^ 0x0064_726F_706F_7574)
    key = RandomBits.mix(key &+ UInt64(truncatingIfNeeded: step))
    for byte in node.name.utf8 { key = RandomBits.mix(key ^ UInt64(byte)) }
    return Dropout(rate: rate, key: key)
  }
}
