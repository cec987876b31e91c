internal import CNNSystem

/// How a fine-tuning ended.
public struct FineTuningResult: Sendable, Hashable, Codable {
  /// Why a fine-tuning ended.
  public enum Outcome: Sendable, Hashable, Codable {
    /// The run is over, for the reason in words.
    case finished(String)
    /// The time budget does not allow another epoch; a run in a folder can be resumed.
    case outOfTime
    /// The caller asked to stop; a run in a folder can be resumed.
    case stopped
  }

  /// Why it ended.
  public let outcome: Outcome
  /// Steps that are done and saved; 0 where it was stopped before the first.
  public let steps: Int
  /// The epoch with the best validation, counted from 1; nil before the first.
  public let bestEpoch: Int?
  /// The validation of that epoch; nil where the run was stopped.
  public let validation: EvaluationSummary?
  /// Time the run has taken, in seconds, all its processes together.
  public let seconds: Double

  /// A result from its parts; see the properties.
  public init(
    outcome: Outcome, steps: Int, bestEpoch: Int?, validation: EvaluationSummary?, seconds: Double
  ) {
    self.outcome = outcome
    self.steps = steps
    self.bestEpoch = bestEpoch
    self.validation = validation
    self.seconds = seconds
  }
}

extension FineTuningResult {
  /// What a training returns that was stopped while it was prepared.
  package static let stoppedBeforeTheFirstStep = FineTuningResult(
    outcome: .stopped, steps: 0, bestEpoch: nil, validation: nil, seconds: 0)
}

extension FineTuningResult: CustomStringConvertible {
  /// `all epochs are done after 16 steps: epoch 3 is the best, 97.50 % of 40 validation pictures`.
  public var description: String {
    let end =
      switch outcome {
      case .finished(let reason): reason
      case .outOfTime: "out of time"
      case .stopped: "stopped"
      }
    var text = "\(end) after \(steps) steps"
    if let validation, let bestEpoch {
      text +=
        ": epoch \(bestEpoch) is the best, "
        + "\(NumberText.fixed(100 * validation.accuracy, decimals: 2)) % of \(validation.count) "
        + "validation pictures"
    }
    return text
  }
}
