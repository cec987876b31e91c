package import CNNSystem

/// Where a training puts what must not be lost: a folder, or memory.
package protocol TrainingStore: AnyObject {
  /// A step or an epoch is done.
  ///
  /// - Parameter records: all lines of the training so far, the new one last.
  func append(_ records: [LogRecord]) throws(CNNError)

  /// The state after an epoch with the best validation so far.
  func saveBest(_ state: TrainingState) throws(CNNError)

  /// The state from which a later process resumes.
  func saveLast(_ state: TrainingState) throws(CNNError)

  /// The parameters of the best epoch.
  ///
  /// - Parameter parameters: those of the last one, whose names and layouts they have.
  func bestParameters(
    replacing parameters: TrainingParameters
  ) throws(CNNError) -> TrainingParameters

  /// The training has ended, or has no time for another epoch.
  func finish(_ end: TrainingEnd) throws(CNNError)
}

/// What is known when a training has ended.
package struct TrainingEnd: Sendable {
  /// How far it is.
  package let progress: TrainingProgress
  /// The validation of the best epoch, picture by picture.
  package let evaluation: Evaluation
  /// The same in figures.
  package let summary: EvaluationSummary
  /// All lines of the log.
  package let records: [LogRecord]
  /// Time the training has taken, in seconds, all its processes together.
  package let seconds: Double
}

/// Keeps the best parameters in memory.
final class MemoryStore: TrainingStore {
  /// The parameters of the best epoch; nil before the first.
  private(set) var best: TrainingParameters?
  /// All lines of the log.
  private(set) var records: [LogRecord] = []

  func append(_ records: [LogRecord]) {
    if let last = records.last { self.records.append(last) }
  }

  func saveBest(_ state: TrainingState) { best = state.parameters }

  func saveLast(_ state: TrainingState) {}

  func bestParameters(replacing parameters: TrainingParameters) -> TrainingParameters {
    best ?? parameters
  }

  func finish(_ end: TrainingEnd) {}
}
