internal import CNNCore

/// All that changes during a run.
struct TrainingState: Sendable {
  /// Where the run stands.
  var progress: TrainingProgress
  /// The parameters behind the features, trained or not.
  var parameters: TrainingParameters
  /// What the optimiser remembers.
  var optimizer: OptimizerState
}
