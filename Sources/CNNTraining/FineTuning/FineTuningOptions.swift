internal import CNNSystem
public import SystemPackage

/// What a fine-tuning may be told that does not decide its result.
public struct FineTuningOptions: Sendable {
  /// Worker threads; nil for one on each processor.
  public var threads: Int?
  /// Where features are kept between runs.
  public var cache = FeatureCache()
  /// Whether bad pictures are left out rather than refused.
  public var skipsBad = false
  /// Seconds that the run may take, all its processes together; no epoch is begun that would
  /// probably exceed them. Nil: any number.
  public var timeBudget: Double?
  /// Store only what is trained, and find the rest again in this weights file by its hash; nil
  /// stores whole models.
  public var headOnlyBase: FilePath?
  /// Forget an earlier run in the folder instead of going on with it.
  public var startsFresh = false
  /// The command line, for the record of the run.
  public var command = ""

  /// The defaults.
  public init() {}
}
