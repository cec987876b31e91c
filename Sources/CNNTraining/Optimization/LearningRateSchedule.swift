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
  ///   - state: the state after the last epoch.
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

  /// Adapts the rate to the validation after an epoch.
  ///
  /// - Parameters:
  ///   - loss: mean validation loss.
  ///   - accuracy: share of the validation pictures that were classified correctly.
  ///   - state: changed in place; a checkpoint has to hold it.
  /// - Returns: whether the rate was lowered.
  @discardableResult
  public func finishEpoch(loss: Double, accuracy: Double, state: inout ScheduleState) -> Bool {
    guard case .plateau(let plateau) = shape else { return false }
    return plateau.observe(plateau.watches == .loss ? loss : accuracy, base: base, &state)
  }
}

/// What a schedule remembers between epochs; with it a run continues as if it had never stopped.
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

/// Lowering of the learning rate when validation stops improving, as VGG was trained (section 3.1:
/// divided by 10); the rules are those of PyTorch's `ReduceLROnPlateau`.
public struct Plateau: Sendable, Hashable, Codable {
  /// What has to improve.
  public enum Measure: String, Sendable, Hashable, Codable {
    /// The validation loss has to fall.
    case loss
    /// The validation accuracy has to rise.
    case accuracy
  }

  /// What has to improve.
  public var watches: Measure
  /// The rate is multiplied by this.
  public var factor: Double
  /// Epochs without improvement that are tolerated; the next one lowers the rate.
  public var patience: Int
  /// The rate never falls below this.
  public var minimum: Double
  /// How much better than the best value another has to be to count, as a share of the best.
  public var threshold: Double

  /// A rule; VGG's division by 10 by default.
  public init(
    watches: Measure = .loss, factor: Double = 0.1, patience: Int = 3, minimum: Double = 0,
    threshold: Double = 1e-4
  ) {
    self.watches = watches
    self.factor = factor
    self.patience = patience
    self.minimum = minimum
    self.threshold = threshold
  }

  /// Compares a value with the best so far; returns whether the rate was lowered.
  func observe(_ value: Double, base: Double, _ state: inout ScheduleState) -> Bool {
    if isBetter(value, than: state.best) {
      state.best = value
      state.wait = 0
    } else {
      state.wait += 1
    }
    guard state.wait > patience else { return false }
    state.wait = 0
    let old = state.rate ?? base
    let new = max(minimum, old * factor)
    // PyTorch does not change the rate by less than this.
    guard old - new > 1e-8 else { return false }
    state.rate = new
    return true
  }

  private func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return !value.isNaN }
    return switch watches {
    case .loss: value < best * (1 - threshold)
    case .accuracy: value > best * (1 + threshold)
    }
  }
}
