internal import CNNCore
public import CNNSystem

extension FineTuningSettings {
  /// Refuses values that mean nothing, such as a batch of no pictures, before anything runs.
  ///
  /// - Throws: a `usage` error that names the first such value.
  public func validate() throws(CNNError) {
    try Self.require(epochs >= 1, "the number of epochs", epochs, "at least 1")
    try Self.require(batchSize >= 1, "the batch size", batchSize, "at least 1")
    try Self.require(
      (0..<1).contains(labelSmoothing), "the label smoothing", labelSmoothing,
      "at least 0 and less than 1")
    try Self.require(
      validationShare > 0 && validationShare < 1, "the share of pictures that validate",
      validationShare, "more than 0 and less than 1")
    try Self.require((1...1000).contains(variants), "the number of variants", variants, "1 to 1000")
    if let clippingNorm {
      try Self.require(
        clippingNorm > 0 && clippingNorm.isFinite, "the largest norm of the gradient", clippingNorm,
        "more than 0")
    }
    if let patience { try Self.require(patience >= 1, "the patience", patience, "at least 1") }
    if let targetAccuracy {
      try Self.require(
        (0...1).contains(targetAccuracy), "the target accuracy", targetAccuracy, "0 to 1")
    }
    try optimizer.validate()
    try schedule.validate()
    if let head = transfer.head { try head.validate() }
  }

  /// Refuses a value that means nothing.
  fileprivate static func require(
    _ isRight: Bool, _ name: String, _ value: some Any, _ expected: String
  ) throws(CNNError) {
    guard !isRight else { return }
    throw CNNError(
      .usage, .unknown, "\(name) is out of range", found: "\(value)", expected: expected)
  }

  /// Refuses what cannot be trained, before a picture is read or a file is written.
  ///
  /// - Parameters:
  ///   - network: the network at its start.
  ///   - training: the pictures to train with, or to split.
  ///   - validation: the pictures to validate on, where they are given.
  /// - Throws: a `usage` error where the settings do not fit the network, the classes or the
  ///   machine; a `data` error without pictures of two classes.
  package func check(
    for network: TransferredNetwork, _ training: DataSet, validation: DataSet?
  ) throws(CNNError) {
    try validate()
    let names = network.labels.labels.map(\.name)
    for dataSet in [training, validation].compactMap({ $0 }) where dataSet.classNames != names {
      throw CNNError(
        .usage, .mismatch, "the network has other classes than the pictures",
        found: names.prefix(10).joined(separator: ", "),
        expected: dataSet.classNames.prefix(10).joined(separator: ", "))
    }
    guard training.countsByClass.count(where: { $0 > 0 }) > 1 else {
      throw CNNError(
        .data, .mismatch, "there is nothing to tell apart", found: "\(training)",
        expected: "pictures of at least two classes")
    }
    if let validation, validation.isEmpty {
      throw CNNError(.data, .empty, "there are no pictures to validate on")
    }
    try augmentation.check(for: network.preprocessing)
    try checkVariants(areCached: network.features != nil)
    _ = try classWeighting.weights(for: training)
    let pictures = min(batchSize, training.count)
    try MemoryBudget.require(
      leastMemory(for: network, pictures: pictures),
      for: "training \(network.network.name) on \(pictures) pictures at once")
  }

  /// Refuses augmentation that would be asked for and never happen.
  private func checkVariants(areCached: Bool) throws(CNNError) {
    if areCached, variants == 1, !augmentation.isNone || customAugmentation != nil {
      throw CNNError(
        .usage, .mismatch, "augmentation would change nothing",
        found: "1 variant of each picture, which is the picture itself",
        remedy: "Ask for at least 2 variants")
    }
    if !areCached, variants != 1 {
      throw CNNError(
        .usage, .mismatch, "variants are computed of frozen layers, and the first ones are trained",
        found: "\(variants) variants",
        remedy: "Ask for none: every epoch changes the pictures in its own way")
    }
  }

  /// What a step certainly needs, in bytes: trained weights, what the optimiser remembers of them,
  /// and the outputs of all nodes, which the backward pass reads. Nil where the count overflows.
  private func leastMemory(for network: TransferredNetwork, pictures: Int) -> Int? {
    let pass = TrainingPass(
      network: network.network, features: network.features, frozen: network.frozen)
    let weights = pass.trainedParameters.reduce(0) { $0 + $1.count }
    let outputs = pass.nodes.reduce(0) { $0 + Tensor.elementCount(of: $1.outputShape) }
    let (all, overflows) = outputs.multipliedReportingOverflow(by: pictures)
    let (sum, sumOverflows) = all.addingReportingOverflow(weights * (1 + optimizer.momentCount))
    let (bytes, bytesOverflow) = sum.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    return overflows || sumOverflows || bytesOverflow ? nil : bytes
  }
}

extension Optimizer {
  fileprivate func validate() throws(CNNError) {
    let weightDecay: Double
    switch self {
    case .sgd(let sgd):
      try FineTuningSettings.require(
        (0..<1).contains(sgd.momentum), "the momentum", sgd.momentum, "at least 0 and less than 1")
      weightDecay = sgd.weightDecay
    case .adam(let adam):
      for (name, beta) in [("beta1", adam.beta1), ("beta2", adam.beta2)] {
        try FineTuningSettings.require(
          (0..<1).contains(beta), "Adam's \(name)", beta, "at least 0 and less than 1")
      }
      try FineTuningSettings.require(
        adam.epsilon > 0 && adam.epsilon.isFinite, "Adam's epsilon", adam.epsilon, "more than 0")
      weightDecay = adam.weightDecay
    }
    try FineTuningSettings.require(
      weightDecay >= 0 && weightDecay.isFinite, "the weight decay", weightDecay, "at least 0")
  }
}

extension LearningRateSchedule {
  fileprivate func validate() throws(CNNError) {
    func require(
      _ value: Double, _ name: String, _ isRight: (Double) -> Bool, _ expected: String
    ) throws(CNNError) {
      try FineTuningSettings.require(value.isFinite && isRight(value), name, value, expected)
    }
    try require(base, "the learning rate", { $0 > 0 }, "more than 0")
    try FineTuningSettings.require(
      warmupSteps >= 0, "the number of warm-up steps", warmupSteps, "at least 0")
    switch shape {
    case .constant: break
    case .step(let factor, let epochs):
      try require(factor, "the schedule's factor", (0...1).contains, "0 to 1")
      try FineTuningSettings.require(
        epochs >= 1, "the number of epochs between two steps of the rate", epochs, "at least 1")
    case .plateau(let plateau):
      try require(plateau.factor, "the schedule's factor", (0...1).contains, "0 to 1")
      try require(plateau.minimum, "the least learning rate", { $0 >= 0 }, "at least 0")
      try require(plateau.threshold, "the schedule's threshold", { $0 >= 0 }, "at least 0")
      try FineTuningSettings.require(
        plateau.patience >= 0, "the schedule's patience", plateau.patience, "at least 0")
    case .cosine(let minimum):
      try require(minimum, "the least learning rate", { $0 >= 0 }, "at least 0")
    case .timeDecay(let decay):
      try require(decay, "the decay of the learning rate", { $0 >= 0 }, "at least 0")
    }
  }
}
