internal import CNNSystem

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
  /// probably exceed them. Nil: any number.
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
