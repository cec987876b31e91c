internal import CNNImage
public import CNNKit
public import CNNSystem
internal import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Fine-tunes a pretrained network on pictures of other classes.
///
///     let tuner = try FineTuner(
///       model: .resNet18, weights: url, training: dataSet, settings: settings)
///     let tuned = try tuner.run { event in print(event) }
///     let classifier = ImageClassifier(try tuned.bestNetwork())
///
/// The outputs of frozen layers are computed once and cached. Equal pictures, settings and weights
/// make equal parameters, bit for bit. `run` trains in memory; the module CNNRuns adds
/// `run(in:)`, which writes everything into a folder and resumes there after a stop.
public struct FineTuner: Sendable {
  /// The network at its start.
  public let network: TransferredNetwork
  /// The pictures to train with; without `validation` some of them are set apart to validate on.
  public let training: DataSet
  /// The pictures to validate on; nil sets apart the share that the settings say.
  public let validation: DataSet?
  /// What decides the result.
  public let settings: FineTuningSettings
  /// What does not.
  public let options: FineTuningOptions
  /// A random change of the program's own.
  public let customAugmentation: CustomAugmentation?

  /// A fine-tuning from its parts.
  ///
  /// - Parameters:
  ///   - network: the network at its start; its classes are those of the pictures.
  ///   - training: the pictures to train with.
  ///   - validation: the pictures to validate on; nil sets apart a share of `training`.
  ///   - settings: what decides the result.
  ///   - options: what does not.
  ///   - customAugmentation: a random change of the program's own.
  public init(
    network: TransferredNetwork, training: DataSet, validation: DataSet? = nil,
    settings: FineTuningSettings, options: FineTuningOptions = FineTuningOptions(),
    customAugmentation: CustomAugmentation? = nil
  ) {
    self.network = network
    self.training = training
    self.validation = validation
    var settings = settings
    settings.customAugmentation = customAugmentation?.identity
    self.settings = settings
    self.options = options
    self.customAugmentation = customAugmentation
  }

  /// The same with the pictures of a source; those that it sets apart for validation validate.
  public init(
    network: TransferredNetwork, source: DataSource, settings: FineTuningSettings,
    options: FineTuningOptions = FineTuningOptions(),
    customAugmentation: CustomAugmentation? = nil
  ) {
    self.init(
      network: network, training: source.training, validation: source.validation,
      settings: settings, options: options, customAugmentation: customAugmentation)
  }

  /// A fine-tuning of the network in a weights file, as `settings.transfer` says.
  ///
  /// - Parameters:
  ///   - model: for example `.resNet18`; nil for a file that training has written.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`; it is mapped, and must not change while
  ///     the tuner lives.
  ///   - training: the pictures to train with.
  ///   - validation: the pictures to validate on; nil sets apart a share of `training`.
  ///   - settings: what decides the result.
  ///   - loading: what the weights file should not decide, such as the size of the input.
  ///   - options: what does not decide the result.
  ///   - customAugmentation: a random change of the program's own.
  /// - Throws: a `weights` error; `usage` where `settings.transfer` does not fit the network.
  public init(
    model: CNNModel? = nil, weights: URL, training: DataSet, validation: DataSet? = nil,
    settings: FineTuningSettings = FineTuningSettings(),
    loading: LoadingOptions = LoadingOptions(), options: FineTuningOptions = FineTuningOptions(),
    customAugmentation: CustomAugmentation? = nil
  ) throws(CNNError) {
    let network = try TransferredNetwork(
      model: model, weights: try FilePath(fileURL: weights), options: loading,
      transfer: settings.transfer, classNames: training.classNames, seed: settings.seed)
    self.init(
      network: network, training: training, validation: validation, settings: settings,
      options: options, customAugmentation: customAugmentation)
  }

  /// The same with the pictures of a source; those that it sets apart for validation validate.
  ///
  /// - Throws: a `weights` error; `usage` where `settings.transfer` does not fit the network.
  public init(
    model: CNNModel? = nil, weights: URL, source: DataSource,
    settings: FineTuningSettings = FineTuningSettings(),
    loading: LoadingOptions = LoadingOptions(), options: FineTuningOptions = FineTuningOptions(),
    customAugmentation: CustomAugmentation? = nil
  ) throws(CNNError) {
    try self.init(
      model: model, weights: weights, training: source.training, validation: source.validation,
      settings: settings, loading: loading, options: options,
      customAugmentation: customAugmentation)
  }

  /// The worker threads that the fine-tuning uses.
  package var threads: Int { options.threads ?? Workers.defaultCount }
}

/// What does not decide the result of a fine-tuning.
public struct FineTuningOptions: Sendable {
  /// Worker threads; nil for one on each processor.
  public var threads: Int?
  /// Where features of frozen layers are kept between runs; nil holds them in memory, and nothing is
  /// written to disk.
  public var cache: FeatureCache?
  /// Whether bad pictures are left out rather than refused.
  public var skipsBad: Bool
  /// Seconds that the run may take, all its processes together; no epoch is begun that would
  /// probably exceed them. Nil: no limit.
  public var timeBudget: Double?

  /// Options from their parts; see the properties.
  public init(
    threads: Int? = nil, cache: FeatureCache? = FeatureCache(), skipsBad: Bool = false,
    timeBudget: Double? = nil
  ) {
    self.threads = threads
    self.cache = cache
    self.skipsBad = skipsBad
    self.timeBudget = timeBudget
  }
}
