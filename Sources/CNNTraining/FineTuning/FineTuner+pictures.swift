internal import CNNCore
public import CNNSystem

extension FineTuner {
  /// The split of the pictures that can be decoded, whose content hashes are known afterwards.
  ///
  /// - Parameter report: receives the progress, and may throw to stop.
  /// - Throws: a `data` error that names bad pictures, and what `report` throws.
  package func newSplit(
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> DataSplit {
    let usable = try usable([training] + [validation].compactMap { $0 }, report)
    return try split(usable[0], usable.count > 1 ? usable[1] : nil).hashed(threads: threads)
  }

  /// The two parts, given or made as the settings say.
  package func split(
    _ training: DataSet, _ validation: DataSet?
  ) throws(CNNError) -> DataSplit {
    if let validation { return DataSplit(training: training, validation: validation) }
    return try DataSplit(
      training, validationShare: settings.validationShare, seed: settings.seed)
  }

  /// The pictures of each data set that can be decoded.
  private func usable(
    _ dataSets: [DataSet], _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> [DataSet] {
    let checks = try check(dataSets, report)
    let bad = checks.flatMap(\.check.bad)
    guard !bad.isEmpty else { return checks.map(\.usable) }
    guard options.skipsBad else { throw Self.refusal(of: bad) }
    let shown = CNNError.details(of: bad.map { "\($0.picture): \($0.message)" })
    let subject = bad.count == 1 ? "1 bad picture is" : "\(bad.count) bad pictures are"
    try report(.note("\(subject) left out: \(shown.joined(separator: "; "))"))
    return checks.map(\.usable)
  }

  /// Decodes every picture of some data sets, which is one job for those who watch.
  package func check(
    _ dataSets: [DataSet], _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> [(check: DataCheck, usable: DataSet)] {
    let total = dataSets.reduce(0) { $0 + $1.count }
    var done = 0
    var stopped: CNNError?
    var checks: [(check: DataCheck, usable: DataSet)] = []
    for dataSet in dataSets {
      checks.append(
        DataCheck.run(on: dataSet, decoding: settings.decoding, threads: threads) { count in
          done += count
          do throws(CNNError) {
            try report(.checking(done: done, total: total))
          } catch {
            stopped = stopped ?? error
          }
        })
      if let stopped { throw stopped }
    }
    return checks
  }

  /// The error about pictures that cannot be decoded.
  package static func refusal(of bad: [PictureFinding]) -> CNNError {
    CNNError(
      .data, .badPictures, "there are pictures that cannot be trained with",
      found: "\(bad.count) bad",
      remedy: CNNError.Remedy("Mend or remove them, or leave them out", action: .skipBadPictures),
      details: CNNError.details(of: bad.map { "\($0.picture): \($0.message)" }))
  }

  // MARK: What the training reads

  /// The loop over the pictures of a split. Its inputs are the features of the frozen part, from the
  /// cache or computed now, or the pictures themselves where nothing is frozen.
  ///
  /// - Parameter report: receives the progress, and may throw to stop.
  /// - Throws: errors of pictures, `cannotWrite` for the cache, and what `report` throws.
  package func loop(
    over split: DataSplit, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> TrainingLoop {
    let inputs: (training: TrainingInputs, validation: TrainingInputs)
    if let node = network.features {
      inputs = try features(of: node, split, report)
    } else {
      inputs = (pictures(split.training, changes), pictures(split.validation, .none))
    }
    return try TrainingLoop(
      network, data: split, settings: settings, training: inputs.training,
      validation: inputs.validation, threads: threads)
  }

  /// Everything that changes the training pictures at random.
  package var changes: PictureChanges {
    PictureChanges(settings.augmentation, custom: customAugmentation, seed: settings.seed)
  }

  private func features(
    of node: String, _ split: DataSplit, _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> (training: TrainingInputs, validation: TrainingInputs) {
    let part = network.network.truncated(after: node)
    let plan = InferencePlan(network: part, parameters: network.parameters, threads: threads)
    let extraction = FeatureExtraction(
      plan: plan,
      key: FeatureKey(
        of: plan, parameters: network.parameters.fingerprint(for: part),
        decoding: settings.decoding, preprocessing: network.preprocessing,
        storage: settings.featureStorage),
      changes: changes)
    let variants = settings.variants
    let counts = (split.training.count * variants, split.validation.count)
    let training = try extraction.run(
      split.training.pictures, variants: variants, cache: options.cache
    ) { (progress) throws(CNNError) in
      try report(.extracting(progress.of(counts.0 + counts.1)))
    }
    let validation = try extraction.run(
      split.validation.pictures, cache: options.cache
    ) { (progress) throws(CNNError) in
      try report(.extracting(progress.of(counts.0 + counts.1, after: counts.0)))
    }
    return (.features(training), .features(validation))
  }

  private func pictures(_ dataSet: DataSet, _ changes: PictureChanges) -> TrainingInputs {
    .pictures(
      TrainingInputs.Pictures(
        dataSet, changes: changes, preprocessing: network.preprocessing,
        decoding: settings.decoding, threads: threads))
  }

  // MARK: Warnings

  /// What a user may not expect of these weights.
  package var remarks: [FineTuningEvent] {
    var remarks = network.notes.map { FineTuningEvent.note($0) }
    if network.keepsAllWeights {
      remarks.append(
        .note("the weights have these classes already: no layer is new, their training goes on"))
    }
    if settings.normStatistics == .batch,
      network.network.hasFoldedStatistics(in: network.parameters, frozen: network.frozen)
    {
      remarks.append(
        .warning(
          "the weights' batch normalisations hold mean 0 and variance 1: their statistics were "
            + "folded in, and those of a batch will undo what they have learned",
          CNNError.Remedy("Running statistics keep it", action: .keepRunningStatistics)))
    }
    return remarks
  }
}

extension FeatureProgress {
  /// The same as a part of two passes, of which `earlier` variants are done.
  fileprivate func of(_ total: Int, after earlier: Int = 0) -> Self {
    Self(done: done + earlier, cached: cached, total: total)
  }
}

extension CNNError.Remedy.Action {
  /// Normalise with the running statistics of the pretrained weights while training.
  public static let keepRunningStatistics = Self(rawValue: "keep-running-statistics")
}
