internal import CNNPlatform
public import CNNSystem

/// How a plan computes, as far as a caller may choose.
public struct InferenceOptions: Sendable, Hashable {
  /// The kernels.
  public var kernels: KernelLevel
  /// In how many bits weights are kept; anything but `fp32` takes our kernels.
  public var precision: Precision
  /// When weights are put into the order of the kernels; it changes no bit of a result.
  public var packing: PackingTime

  /// Options from their values. Precondition: the processor can run the kernels, and these have
  /// the precision (`KernelLevel.computes`).
  public init(
    kernels: KernelLevel = .fastest, precision: Precision = .fp32, packing: PackingTime = .ahead
  ) {
    precondition(kernels.isAvailable, "this processor cannot run \(kernels.rawValue) kernels")
    precondition(
      kernels.computes(precision), "\(kernels.rawValue) kernels have no \(precision.rawValue)")
    self.kernels = kernels
    self.precision = precision
    self.packing = packing
  }

  /// The options that the environment asks for: `CNN_KERNELS`, or else the fastest kernels.
  ///
  /// - Parameter precision: as it is.
  /// - Throws: `unknown` or `unsupported` for kernels that are not there, or that do not have the
  ///   precision.
  public static func fromEnvironment(
    precision: Precision = .fp32
  ) throws(CNNError) -> InferenceOptions {
    let kernels = try getenv(KernelLevel.environmentVariable).map { (name) throws(CNNError) in
      try KernelLevel(named: String(cString: name))
    }
    try (kernels ?? .fastest).require(precision, isForced: kernels != nil)
    return InferenceOptions(kernels: kernels ?? .fastest, precision: precision)
  }

  /// The same for callers that cannot fail: a variable that asks for kernels that are not there
  /// is passed over.
  public static let automatic = (try? fromEnvironment()) ?? InferenceOptions()
}
