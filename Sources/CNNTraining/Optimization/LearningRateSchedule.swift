internal import CNNPlatform

/// The learning rate of every step of a run.
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// How the rate changes.
  public enum Shape: Sendable, Hashable, Codable {
    /// Never.
    case constant
    /// Multiplied by `factor` every `epochs` epochs (PyTorch's `StepLR`).
    case step(factor: Double, epochs: Int)
    /// Multiplied when validation stops improving.
    case plateau(Plateau)
    /// From `base` to `minimum` along half a cosine over the run (arXiv 1608.03983).
    case cosine(minimum: Double)
    /// `base / (1 + decay * step)`: the `decay` of Keras's older optimisers.
    case timeDecay(decay: Double)
  }

  /// The rate before any change.
  public var base: Double
  /// How it changes.
  public var shape: Shape
  /// Steps at the start of the run over which the rate grows evenly to its value: step i has
  /// `(i + 1) / warmupSteps` of it.
  public var warmupSteps: Int

  /// A schedule; constant by default.
  public init(base: Double, shape: Shape = .constant, warmupSteps: Int = 0) {
    self.base = base
    self.shape = shape
    self.warmupSteps = warmupSteps
  }

  /// The rate of step `step` of the run, counted from 0.
  ///
  /// - Parameters:
  ///   - step: steps made before this one.
  ///   - stepsPerEpoch: at least 1.
  ///   - totalSteps: steps of the whole run, where a cosine ends.
  ///   - state: what validation has shown so far.
  public func rate(
    step: Int, stepsPerEpoch: Int, totalSteps: Int, state: ScheduleState
  ) -> Double {
    let rate: Double
    switch shape {
    case .constant:
      rate = base
    case .step(let factor, let epochs):
      rate = base * pow(factor, Double(step / max(1, stepsPerEpoch) / max(1, epochs)))
    case .plateau:
      rate = state.rate ?? base
    case .cosine(let minimum):
      // The cosine begins where the warm-up ends.
      let length = max(1, totalSteps - warmupSteps)
      let part = min(1, Double(max(0, step - warmupSteps)) / Double(length))
      rate = minimum + (base - minimum) * (1 + cos(Double.pi * part)) / 2
    case .timeDecay(let decay):
      rate = base / (1 + decay * Double(step))
    }
    return step < warmupSteps ? rate * Double(step + 1) / Double(warmupSteps) : rate
  }

  /// Tells the schedule what validation gave after an epoch.
  ///
  /// - Parameters:
  ///   - loss: mean validation loss.
  ///   - accuracy: part of the validation pictures that were right.
  ///   - state: changed in place; it belongs into the checkpoint.
  /// - Returns: whether the rate was lowered.
  @discardableResult
  public func finishEpoch(loss: Double, accuracy: Double, state: inout ScheduleState) -> Bool {
    guard case .plateau(let plateau) = shape else { return false }
    return plateau.observe(plateau.watches == .loss ? loss : accuracy, base: base, &state)
  }
}

/// What a schedule remembers between epochs; with it a run continues as if never stopped.
public struct ScheduleState: Sendable, Hashable, Codable {
  /// The best value that validation has given, or nil before the first.
  public var best: Double?
  /// Epochs since then, or since the rate was lowered.
  public var wait = 0
  /// The rate after the last change, or nil where it was never changed.
  public var rate: Double?

  /// The state before the first epoch.
  public init() {}
}
