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
