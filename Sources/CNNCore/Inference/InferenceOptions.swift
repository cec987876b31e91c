public import CNNSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How a plan computes, as far as a caller may choose.
public struct InferenceOptions: Sendable, Hashable {
  /// The kernels.
  public var kernels: KernelLevel
  /// In how many bits weights are kept; anything but `fp32` takes our kernels.
  public var precision: Precision
  /// When weights are put into the order of the kernels; it changes no bit of a result.
  public var packing: PackingTime

  /// Options from their values. Precondition: the processor can run the kernels.
  public init(
    kernels: KernelLevel = .fastest, precision: Precision = .fp32, packing: PackingTime = .ahead
  ) {
    precondition(kernels.isAvailable, "this processor cannot run \(kernels.rawValue) kernels")
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
    guard precision == .fp32 || kernels != .blas else {
      throw CNNError(
        .usage, .unsupported, "the plain operations compute in fp32 alone",
        subject: KernelLevel.environmentVariable, found: "blas with \(precision.rawValue)",
        remedy: "Leave one of them out")
    }
    return InferenceOptions(kernels: kernels ?? .fastest, precision: precision)
  }

  /// The same for callers that cannot fail: a variable that asks for kernels that are not there
  /// is passed over.
  public static let automatic = (try? fromEnvironment()) ?? InferenceOptions()
}
