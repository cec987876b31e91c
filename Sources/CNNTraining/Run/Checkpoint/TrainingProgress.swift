/// Where a run stands, apart from its weights: with both, and the settings, it goes on as if it had
/// never stopped.
struct TrainingProgress: Sendable, Hashable, Codable {
  /// The epoch with the best validation so far.
  struct Best: Sendable, Hashable, Codable {
    /// Counted from 1.
    var epoch: Int
    var validationLoss: Double
    var validationAccuracy: Double

    /// Whether this validation is better: more pictures right, or as many and the smaller loss.
    func isBetter(than other: Best) -> Bool {
      (validationAccuracy, -validationLoss) > (other.validationAccuracy, -other.validationLoss)
    }
  }

  /// Why a run has ended.
  enum End: String, Sendable, Hashable, Codable {
    /// All epochs are done.
    case allEpochs = "all epochs are done"
    /// Validation has not become better for longer than the patience.
    case noImprovement = "validation has stopped to improve"
    /// The validation accuracy that was asked for is reached.
    case targetReached = "the target accuracy is reached"
  }

  /// Epochs that are done.
  var epoch = 0
  /// Steps that are done in the epoch after those.
  var stepInEpoch = 0
  /// Steps that are done in all.
  var step = 0
  /// The training pictures of the epoch so far.
  var metrics = RunningMetrics()
  /// What the schedule remembers.
  var schedule = ScheduleState()
  /// The best epoch.
  var best: Best?
  /// Why the run has ended; nil while it has not.
  var end: End?

  /// Epochs since the best one.
  var epochsWithoutImprovement: Int { epoch - (best?.epoch ?? 0) }
}
