internal import CNNCore

/// The randomness of one step: dropout masks are a pure function of it.
package struct TrainingRandomness: Sendable, Hashable {
  /// The seed of the run.
  package var seed: UInt64
  /// The number of the step in the run.
  package var step: Int
  /// Whether dropout drops; off, it is the identity.
  package var drops: Bool

  /// The randomness of step `step` of the run with the seed `seed`.
  package init(seed: UInt64, step: Int, drops: Bool = true) {
    self.seed = seed
    self.step = step
    self.drops = drops
  }

  /// The mask of a dropout node; nil where nothing is dropped.
  func dropout(_ node: Network.Node) -> DropoutMask? {
    guard drops, case .dropout(let rate) = node.layer, rate > 0 else { return nil }
    return DropoutMask(
      rate: rate, numbers: .dropout(seed: seed, step: step, node: node.name))
  }
}
