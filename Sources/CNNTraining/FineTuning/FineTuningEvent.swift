public import CNNSystem

/// What happens while a fine-tuning runs.
public enum FineTuningEvent: Sendable {
  /// A remark for the user.
  case note(String)
  /// A sentence about something that is probably not as it should be, and what can be done about it.
  case warning(String, CNNError.Remedy? = nil)
  /// Pictures are decoded to find those that cannot be used.
  case checking(done: Int, total: Int)
  /// Features of the frozen part are computed or found in the cache.
  case extracting(FeatureProgress)
  /// The training begins, or is resumed.
  case starting(Start)
  /// A step is done.
  case step(Step)
  /// The validation pictures are classified, after an epoch or for the report.
  case validating(done: Int, total: Int)
  /// An epoch is done and validated; the record is that of the log.
  case epoch(LogRecord, isBest: Bool)

  /// Where the training begins.
  public struct Start: Sendable, Hashable {
    /// Epochs that were done by an earlier process; 0 for a new run.
    public let epoch: Int
    /// Steps that were done, in all.
    public let step: Int
    /// Epochs of the whole run.
    public let epochs: Int
    /// Steps of each epoch.
    public let stepsPerEpoch: Int
    /// Parameters that are trained.
    public let trainedParameters: Int
    /// Whether the run was over already.
    public let isFinished: Bool

    package init(
      epoch: Int, step: Int, epochs: Int, stepsPerEpoch: Int, trainedParameters: Int,
      isFinished: Bool
    ) {
      self.epoch = epoch
      self.step = step
      self.epochs = epochs
      self.stepsPerEpoch = stepsPerEpoch
      self.trainedParameters = trainedParameters
      self.isFinished = isFinished
    }
  }

  /// How far an epoch is.
  public struct Step: Sendable, Hashable {
    /// The epoch, counted from 1.
    public let epoch: Int
    /// Epochs of the whole run.
    public let epochs: Int
    /// Steps done in the epoch.
    public let step: Int
    /// Steps of the epoch.
    public let steps: Int
    /// Mean loss of the epoch's pictures so far.
    public let loss: Double
    /// Share of them that were right, 0 to 1.
    public let accuracy: Double
    /// The learning rate of the step.
    public let learningRate: Double

    package init(
      epoch: Int, epochs: Int, step: Int, steps: Int, loss: Double, accuracy: Double,
      learningRate: Double
    ) {
      self.epoch = epoch
      self.epochs = epochs
      self.step = step
      self.steps = steps
      self.loss = loss
      self.accuracy = accuracy
      self.learningRate = learningRate
    }
  }
}
