public import CNNImage

/// Everything that decides the result of a fine-tuning but the pretrained weights and the pictures:
/// equal settings, equal bits.
public struct FineTuningSettings: Sendable, Hashable, Codable {
  /// What is kept of the pretrained network, and which layers are trained.
  public var transfer = Transfer()
  /// Passes over the training pictures, at least 1.
  public var epochs = 10
  /// Pictures of a step, at least 1; the last step of an epoch has the remaining ones.
  public var batchSize = 64
  /// How gradients change weights.
  public var optimizer = Optimizer.sgd(SGD(momentum: 0.9))
  /// The learning rate of every step.
  public var schedule = LearningRateSchedule(base: 0.01)
  /// The part of the target that is spread evenly over all classes, at least 0 and below 1.
  public var labelSmoothing = 0.0
  /// What the pictures of each class count.
  public var classWeighting = ClassWeighting.equal
  /// The largest norm of the gradient; a longer one is shortened to it. Nil for any.
  public var clippingNorm: Double?
  /// Where trained batch normalisations take their statistics from.
  public var normStatistics = NormStatistics.batch
  /// How picture files become pixels.
  public var decoding = DecodingOptions()
  /// Random changes of the training pictures.
  public var augmentation = Augmentation.none
  /// The identity of a change of the program's own, which `FineTuner` sets; nil for none.
  public internal(set) var customAugmentation: String?
  /// With frozen layers: how many variants of each training picture are computed and cached; the
  /// first is the picture itself. 1 where nothing is frozen: every epoch then has changes of its own.
  public var variants = 1
  /// How cached features are stored.
  public var featureStorage = FeatureKey.Storage.float32
  /// The share of the pictures that validate where the data set does not say which.
  public var validationShare = DataSplit.usualValidationShare
  /// Decides the split, new weights, the order of the pictures, dropout and augmentation.
  public var seed: UInt64 = 0
  /// Epochs without a better validation that are tolerated; the next one ends the run. Nil: any
  /// number.
  public var patience: Int?
  /// The run ends when the validation accuracy, 0 to 1, reaches this.
  public var targetAccuracy: Double?

  /// The defaults: a new last layer, ten epochs of SGD with momentum 0.9 and rate 0.01.
  public init() {}

  /// The keys of `run.json`, which older versions have written too.
  private enum CodingKeys: String, CodingKey {
    case transfer, epochs, batchSize, optimizer, schedule, labelSmoothing, classWeighting
    case clippingNorm, normStatistics, decoding, augmentation, customAugmentation, variants
    case featureStorage = "featurePrecision"
    case validationShare, seed, patience, targetAccuracy
  }

  /// Whether the same pictures are split in the same way.
  package func splitsLike(_ other: FineTuningSettings) -> Bool {
    (seed, validationShare) == (other.seed, other.validationShare)
  }
}
