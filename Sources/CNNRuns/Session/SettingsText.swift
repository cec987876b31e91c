internal import CNNSystem
internal import CNNTraining

/// The settings of a training in words.
struct SettingsText {
  /// A name and a value for each setting that is in use.
  let lines: [(name: String, value: String)]

  init(_ settings: FineTuningSettings) {
    var lines = [
      ("optimizer", Self.text(settings.optimizer)),
      ("learning rate", Self.text(settings.schedule)),
    ]
    if settings.labelSmoothing > 0 {
      lines.append(("label smoothing", "\(settings.labelSmoothing)"))
    }
    switch settings.classWeighting {
    case .equal: break
    case .balanced: lines.append(("class weights", "balanced"))
    case .given(let weights):
      let parts = weights.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      lines.append(("class weights", parts.joined(separator: ", ")))
    }
    if let norm = settings.clippingNorm { lines.append(("gradient norm", "at most \(norm)")) }
    let augmentation = Self.text(settings.augmentation)
    if !augmentation.isEmpty {
      lines.append(("augmentation", augmentation.joined(separator: ", ")))
      let isCached = settings.variants > 1
      lines.append(
        ("variants", isCached ? "\(settings.variants) of each picture" : "new ones in every epoch"))
    }
    lines.append(("seed", "\(settings.seed)"))
    self.lines = lines
  }

  private static func text(_ optimizer: Optimizer) -> String {
    switch optimizer {
    case .sgd(let sgd):
      "SGD, momentum \(sgd.momentum)" + (sgd.nesterov ? " (Nesterov)" : "")
        + (sgd.weightDecay > 0 ? ", weight decay \(sgd.weightDecay)" : "")
    case .adam(let adam):
      "Adam" + (adam.weightDecay > 0 ? ", weight decay \(adam.weightDecay)" : "")
    }
  }

  private static func text(_ schedule: LearningRateSchedule) -> String {
    let shape =
      switch schedule.shape {
      case .constant: ""
      case .step(let factor, let epochs): ", times \(factor) every \(epochs) epochs"
      case .plateau(let plateau):
        ", times \(plateau.factor) after \(plateau.patience) epochs without improvement"
      case .cosine(let minimum): ", cosine to \(minimum)"
      case .timeDecay(let decay): ", decay \(decay) a step"
      }
    let warmup = schedule.warmupSteps > 0 ? ", warm-up \(schedule.warmupSteps) steps" : ""
    return "\(schedule.base)\(shape)\(warmup)"
  }

  private static func text(_ augmentation: Augmentation) -> [String] {
    var parts: [String] = []
    if augmentation.flipsHorizontally { parts.append("flips") }
    if let sides = augmentation.shortSide {
      let range = "\(sides.lowerBound)" + (sides.count > 1 ? " to \(sides.upperBound)" : "")
      parts.append("crops of a short side of \(range)")
    }
    if augmentation.colorShift > 0 { parts.append("colour shift \(augmentation.colorShift)") }
    return parts
  }
}
