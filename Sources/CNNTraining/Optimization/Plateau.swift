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
  /// Epochs without improvement that are borne; the next one lowers the rate.
  public var patience: Int
  /// The rate never falls below this.
  public var minimum: Double
  /// Part of the best value by which another has to be better to count.
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

  /// Takes note of a value; returns whether the rate was lowered.
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
    // PyTorch leaves the rate where the change would be smaller than this.
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
