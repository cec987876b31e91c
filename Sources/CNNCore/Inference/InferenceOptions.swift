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

  /// Options from their values. Precondition: the processor can run the kernels.
  public init(kernels: KernelLevel = .fastest, precision: Precision = .fp32) {
    precondition(kernels.isAvailable, "this processor cannot run \(kernels.rawValue) kernels")
    self.kernels = kernels
    self.precision = precision
  }

  /// The options that the environment asks for: `CNN_KERNELS`, or else the fastest kernels.
  ///
  /// - Throws: `unknown` or `unsupported` for kernels that are not there.
  public static func fromEnvironment() throws(CNNError) -> InferenceOptions {
    guard let name = getenv(KernelLevel.environmentVariable) else { return InferenceOptions() }
    return InferenceOptions(kernels: try KernelLevel(named: String(cString: name)))
  }

  /// The same for callers that cannot fail: a variable that asks for kernels that are not there
  /// is passed over.
  public static let automatic = (try? fromEnvironment()) ?? InferenceOptions()
}
