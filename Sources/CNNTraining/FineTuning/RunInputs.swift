internal import CNNCore
package import CNNSystem

/// Makes what the training reads: the features of the frozen part, from the cache or computed now,
/// or the pictures themselves.
package struct RunInputs: Sendable {
  let network: TransferredNetwork
  let split: DataSplit
  let settings: FineTuningSettings
  let options: FineTuningOptions
  let threads: Int

  package init(
    network: TransferredNetwork, split: DataSplit, settings: FineTuningSettings,
    options: FineTuningOptions, threads: Int
  ) {
    self.network = network
    self.split = split
    self.settings = settings
    self.options = options
    self.threads = threads
  }

  /// The inputs of the training and of the validation pictures.
  ///
  /// - Throws: errors of pictures, `cannotWrite` for the cache, and what `report` throws.
  package func prepare(
    _ report: (FineTuningEvent) throws(CNNError) -> Void
  ) throws(CNNError) -> (training: TrainingInputs, validation: TrainingInputs) {
    guard let node = network.features else {
      return (
        pictures(split.training, settings.augmentation), pictures(split.validation, .none)
      )
    }
    let part = network.network.truncated(after: node)
    let plan = InferencePlan(network: part, parameters: network.parameters, threads: threads)
    let extraction = FeatureExtraction(
      plan: plan,
      key: FeatureKey(
        of: plan, parameters: network.parameters.fingerprint(for: part),
        decoding: settings.decoding, preprocessing: network.preprocessing,
        precision: settings.featurePrecision),
      augmentation: settings.augmentation, seed: settings.seed)
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

  private func pictures(_ dataSet: DataSet, _ augmentation: Augmentation) -> TrainingInputs {
    .pictures(
      PictureInputs(
        pictures: dataSet.pictures, augmentation: augmentation,
        preprocessing: network.preprocessing, seed: settings.seed, decoding: settings.decoding,
        threads: threads))
  }
}

extension FeatureExtraction.Progress {
  /// The same as a part of two passes, of which `earlier` variants are done.
  fileprivate func of(_ total: Int, after earlier: Int = 0) -> Self {
    Self(done: done + earlier, cached: cached, total: total)
  }
}
