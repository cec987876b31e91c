internal import CNNPlatform
public import CNNSystem

/// How a plan computes, as far as a caller may choose.
public struct InferenceOptions: Sendable, Hashable {
  /// The kernels.
  public var kernels: KernelSet
  /// In how many bits weights are stored; anything but `fp32` needs our own kernels.
  public var precision: Precision
  /// When weights are put into the order of the kernels; it changes no bit of a result.
  public var packing: PackingTime

  /// Options from their values. Precondition: the processor can run the kernels, and these have
  /// the precision (`KernelSet.computes`).
  public init(
    kernels: KernelSet = .fastest, precision: Precision = .fp32, packing: PackingTime = .ahead
  ) {
    precondition(kernels.isAvailable, "this processor cannot run \(kernels.rawValue) kernels")
    precondition(
      kernels.computes(precision), "\(kernels.rawValue) kernels have no \(precision.rawValue)")
    self.kernels = kernels
    self.precision = precision
    self.packing = packing
  }

  /// The options that the environment asks for: the kernels that `CNN_KERNELS` names, or else the
  /// fastest.
  ///
  /// - Parameter precision: the precision of the options.
  /// - Throws: `unknown` or `unsupported` for kernels that are not there, or that do not have the
  ///   precision.
  public static func fromEnvironment(
    precision: Precision = .fp32
  ) throws(CNNError) -> InferenceOptions {
    let kernels = try KernelSet.fromEnvironment()
    try (kernels ?? .fastest).require(precision, isForced: kernels != nil)
    return InferenceOptions(kernels: kernels ?? .fastest, precision: precision)
  }

  /// The same for callers that cannot fail: a variable that names kernels that are not there is
  /// ignored.
  public static let automatic = InferenceOptions(kernels: .automatic)
}

/// In how many bits a plan stores its weights and multiplies.
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
  /// Everything in 32 bits; linear weights are used where they lie.
  case fp32
  /// The weights of linear layers are rounded once to IEEE 754 half precision (11 significant
  /// bits): they are read from memory in half the time. All else and all sums stay in 32 bits.
  ///
  /// Errors against float64 as a share of the largest logit, the worst of 50 photos: VGG16 with
  /// random weights 5.1e-4, ResNet-50 with random weights 2.8e-4 (fp32: 2.2e-6 and 4e-7).
  case halfFC = "half-fc"
  /// Convolutions multiply in bfloat16 (8 significant bits), and linear layers store their weights in
  /// 16 bits; all sums are taken in 32 bits. Only where the processor has AVX512-BF16.
  ///
  /// Measured like `halfFC`: VGG16 1.3e-2, ResNet-50 4.2e-3, a trained ResNet-18 1.3e-2, with 99 of
  /// 100, 99 of 100 and 50 of 50 photos in the same class.
  case bf16
}

extension Precision {
  /// The largest error of the logits that was measured against float64, as a share of the largest
  /// logit, on the networks that the cases name (`Benchmarks/precision_errors.py`). It is no bound:
  /// other weights may do worse.
  public var measuredError: Double {
    switch self {
    case .fp32: 2.2e-6
    case .halfFC: 5.1e-4
    case .bf16: 1.3e-2
    }
  }
}

/// When a plan puts the weights of convolutions into the order in which its kernels read them.
public enum PackingTime: String, Sendable, Hashable, CaseIterable {
  /// When the plan is made, which keeps them: each run is as fast as possible. Those of VGG16 take
  /// 236 MB.
  case ahead
  /// In each run, a few output channels at a time, in memory that is used again: a plan that is run
  /// once is done sooner and needs little memory.
  case eachRun
}
