import ArgumentParser
import CNNTraining

/// The flags of the optimiser, the learning rate and the loss.
struct OptimizationOptions: ParsableArguments {
  enum OptimizerName: String, ExpressibleByArgument, CaseIterable {
    case sgd, adam
  }

  enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
    case constant, step, plateau, cosine
    case timeDecay = "time-decay"
  }

  @Option(help: ArgumentHelp("Passes over the training pictures.", valueName: "count"))
  var epochs = 10

  @Option(help: ArgumentHelp("Pictures in a step.", valueName: "count"))
  var batch = 64

  @Option(help: "The optimiser: sgd or adam.")
  var optimizer = OptimizerName.sgd

  @Option(
    help: ArgumentHelp(
      "The learning rate. Without it, 0.01 where only the last layer is trained and 0.001 otherwise; "
        + "for adam a tenth of that.", valueName: "rate"))
  var learningRate: Double?

  @Option(help: ArgumentHelp("For sgd. Without it, 0.9.", valueName: "share"))
  var momentum: Double?

  @Flag(help: "Use Nesterov momentum.")
  var nesterov = false

  @Option(
    help: ArgumentHelp(
      "This factor times each weight is added to its gradient; not for biases.",
      valueName: "factor"))
  var weightDecay = 0.0

  @Option(
    help: ArgumentHelp(
      "Scale gradients down to this norm where theirs is larger.", valueName: "norm")
  )
  var clipNorm: Double?

  @Option(
    help:
      "How the rate changes: constant, step, plateau (as for VGG), cosine or time-decay (Keras).")
  var schedule = ScheduleName.constant

  @Option(
    help: ArgumentHelp(
      "For step and plateau: the rate is multiplied by this. Without it, 0.1.", valueName: "x"))
  var decayFactor: Double?

  @Option(
    help: ArgumentHelp(
      "For step: the rate changes after this many epochs (10). For plateau: it changes after more "
        + "than this many epochs without improvement (3).",
      valueName: "count"))
  var decayEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "For cosine and plateau: the lowest rate. Without it, 0.", valueName: "rate"))
  var minimumRate: Double?

  @Option(
    help: ArgumentHelp(
      "For time-decay: rate / (1 + x * step). Without it, 0.0001.", valueName: "x"))
  var timeDecay: Double?

  @Option(
    help: ArgumentHelp("Steps over which the rate rises from 0 to its value.", valueName: "count"))
  var warmupSteps = 0

  @Option(
    help: ArgumentHelp("Distribute this share of the target over all classes.", valueName: "share"))
  var labelSmoothing = 0.0

  @Option(
    help: ArgumentHelp(
      "How much the pictures of a class count in the loss: cat:1,dog:2, or auto, which gives all "
        + "classes the same total.",
      valueName: "weights"))
  var classWeights: String?

  @Option(
    help: ArgumentHelp(
      "The statistics that trained batch normalisations use: batch for those of each step, running "
        + "for those of the weights.",
      valueName: "source"))
  var batchNorm = NormStatistics.batch

  func validate() throws {
    if epochs < 1 { throw ValidationError("--epochs must be at least 1") }
    if batch < 1 { throw ValidationError("--batch must be at least 1") }
    try Self.require(learningRate ?? 1, "--learning-rate", { $0 > 0 }, "more than 0")
    try Self.require(momentum ?? 0, "--momentum", (0..<1).contains, "at least 0 and less than 1")
    try Self.require(weightDecay, "--weight-decay", { $0 >= 0 }, "at least 0")
    try Self.require(clipNorm ?? 1, "--clip-norm", { $0 > 0 }, "more than 0")
    try Self.require(decayFactor ?? 1, "--decay-factor", (0...1).contains, "between 0 and 1")
    try Self.require(minimumRate ?? 0, "--minimum-rate", { $0 >= 0 }, "at least 0")
    try Self.require(timeDecay ?? 0, "--time-decay", { $0 >= 0 }, "at least 0")
    try Self.require(
      labelSmoothing, "--label-smoothing", (0..<1).contains, "at least 0 and less than 1")
    if let decayEpochs, decayEpochs < 1 {
      throw ValidationError("--decay-epochs must be at least 1")
    }
    if warmupSteps < 0 { throw ValidationError("--warmup-steps must not be negative") }
    if nesterov, optimizer == .adam || momentum == 0 {
      throw ValidationError("--nesterov is for sgd with momentum")
    }
    if momentum != nil, optimizer == .adam { throw ValidationError("--momentum is for sgd") }
    try requireScheduleOptions()
    if let classWeights, Self.weighting(classWeights) == nil {
      throw ValidationError(
        "--class-weights takes auto or weights such as cat:1,dog:2; found \"\(classWeights)\"")
    }
  }

  /// Refuses flags that would have no effect.
  private func requireScheduleOptions() throws {
    let uses: [(String, Bool, [ScheduleName])] = [
      ("--decay-factor", decayFactor != nil, [.step, .plateau]),
      ("--decay-epochs", decayEpochs != nil, [.step, .plateau]),
      ("--minimum-rate", minimumRate != nil, [.cosine, .plateau]),
      ("--time-decay", timeDecay != nil, [.timeDecay]),
    ]
    for (flag, isGiven, schedules) in uses where isGiven && !schedules.contains(schedule) {
      let names = schedules.map(\.rawValue).joined(separator: " or ")
      throw ValidationError("\(flag) is for --schedule \(names)")
    }
  }

  /// Puts the choices into `settings`.
  func apply(to settings: inout FineTuningSettings) {
    settings.epochs = epochs
    settings.batchSize = batch
    switch optimizer {
    case .sgd:
      settings.optimizer = .sgd(
        SGD(momentum: momentum ?? 0.9, nesterov: nesterov, weightDecay: weightDecay))
    case .adam:
      settings.optimizer = .adam(Adam(weightDecay: weightDecay))
    }
    settings.schedule = LearningRateSchedule(
      base: learningRate ?? usualRate(for: settings.transfer), shape: shape,
      warmupSteps: warmupSteps)
    settings.clippingNorm = clipNorm
    settings.labelSmoothing = labelSmoothing
    settings.classWeighting = classWeights.flatMap(Self.weighting) ?? .equal
    settings.normStatistics = batchNorm
  }

  /// More than one trained layer, or new layers on features of any scale, need a lower rate than a
  /// new last layer alone.
  private func usualRate(for transfer: Transfer) -> Double {
    let rate = transfer.freeze == .allButLast && transfer.head == nil ? 0.01 : 0.001
    return optimizer == .sgd ? rate : rate / 10
  }

  private var shape: LearningRateSchedule.Shape {
    let (factor, minimum) = (decayFactor ?? 0.1, minimumRate ?? 0)
    return switch schedule {
    case .constant: .constant
    case .step: .step(factor: factor, epochs: decayEpochs ?? 10)
    case .plateau:
      .plateau(Plateau(factor: factor, patience: decayEpochs ?? 3, minimum: minimum))
    case .cosine: .cosine(minimum: minimum)
    case .timeDecay: .timeDecay(decay: timeDecay ?? 1e-4)
    }
  }

  private static func require(
    _ value: Double, _ name: String, _ isRight: (Double) -> Bool, _ range: String
  ) throws {
    guard value.isFinite, isRight(value) else {
      throw ValidationError("\(name) must be \(range)")
    }
  }

  private static func weighting(_ text: String) -> ClassWeighting? {
    if text == "auto" { return .balanced }
    var weights: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      // The last colon: class names may hold others.
      guard let colon = part.lastIndex(of: ":"),
        let weight = Double(part[part.index(after: colon)...]),
        weights.updateValue(weight, forKey: String(part[..<colon])) == nil
      else { return nil }
    }
    return .given(weights)
  }
}

extension NormStatistics: ExpressibleByArgument {}
