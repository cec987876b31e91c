/// Where a run stands, apart from its weights: with both, and the settings, it goes on as if it had
/// never stopped.
package struct TrainingProgress: Sendable, Hashable, Codable {
  /// The epoch with the best validation so far.
  package struct Best: Sendable, Hashable, Codable {
    /// Counted from 1.
    package var epoch: Int
    package var validationLoss: Double
    package var validationAccuracy: Double

    /// Whether this validation is better: more pictures right, or as many and the smaller loss.
    package func isBetter(than other: Best) -> Bool {
      (validationAccuracy, -validationLoss) > (other.validationAccuracy, -other.validationLoss)
    }
  }

  /// Why a run has ended.
  package enum End: String, Sendable, Hashable, Codable {
    /// All epochs are done.
    case allEpochs = "all epochs are done"
    /// Validation has not become better for longer than the patience.
    case noImprovement = "validation has stopped to improve"
    /// The validation accuracy that was asked for is reached.
    case targetReached = "the target accuracy is reached"
  }

  /// Epochs that are done.
  package var epoch = 0
  /// Steps that are done in the epoch after those.
  package var stepInEpoch = 0
  /// Steps that are done in all.
  package var step = 0
  /// The training pictures of the epoch so far.
  package var metrics = RunningMetrics()
  /// What the schedule remembers.
  package var schedule = ScheduleState()
  /// The best epoch.
  package var best: Best?
  /// Why the run has ended; nil while it has not.
  package var end: End?

  /// Before the first step.
  package init() {}

  /// Epochs since the best one.
  package var epochsWithoutImprovement: Int { epoch - (best?.epoch ?? 0) }
}
