/// All that changes during a training.
package struct TrainingState: Sendable {
  /// How far the training is.
  package var progress: TrainingProgress
  /// The parameters behind the features, trained or not.
  package var parameters: TrainingParameters
  /// What the optimiser remembers.
  package var optimizer: OptimizerState

  package init(
    progress: TrainingProgress, parameters: TrainingParameters, optimizer: OptimizerState
  ) {
    self.progress = progress
    self.parameters = parameters
    self.optimizer = optimizer
  }
}

/// How far a training is, apart from its parameters: from both, and the settings, it continues as if it
/// had never stopped.
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
  /// The state of the learning rate's schedule.
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

/// Loss and accuracy over pictures that come in batches of any size.
///
/// Every picture counts the same: a mean of batch means would give the pictures of a short last
/// batch more weight.
package struct RunningMetrics: Sendable, Hashable, Codable {
  /// The pictures so far.
  package private(set) var count = 0
  /// Those the network was right about.
  package private(set) var correct = 0
  private var lossSum = 0.0
  private var weightSum = 0.0

  /// No pictures yet.
  package init() {}

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - meanLoss: the mean over the batch, as a loss function returns it.
  ///   - correct: how many of the batch the network was right about.
  ///   - count: the pictures of the batch.
  ///   - weight: what the mean was divided by, where classes have weights; nil for `count`.
  package mutating func add(
    meanLoss: Double, correct: Int, count: Int, weight: Double? = nil
  ) {
    precondition((0...count).contains(correct), "\(correct) of \(count) pictures")
    let weight = weight ?? Double(count)
    lossSum += meanLoss * weight
    weightSum += weight
    self.correct += correct
    self.count += count
  }

  /// The mean loss of all pictures; NaN before the first.
  package var loss: Double { lossSum / weightSum }

  /// The share of correct pictures; NaN before the first.
  package var accuracy: Double { Double(correct) / Double(count) }
}
