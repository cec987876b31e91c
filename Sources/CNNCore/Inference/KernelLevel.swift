internal import CNNKernels
public import CNNSystem

/// The kernels that compute a network: plain operations over OpenBLAS, or our own, compiled for
/// several instruction sets.
public enum KernelLevel: String, Sendable, Hashable, CaseIterable, Codable {
  /// Plain operations: im2col and OpenBLAS. They take every shape on every processor.
  case blas
  /// Our kernels with 128-bit vectors (SSE2, NEON).
  case generic
  /// Our kernels with AVX2 and FMA.
  case avx2
  /// Our kernels with AVX-512.
  case avx512

  /// The environment variable that forces a level.
  public static let environmentVariable = "CNN_KERNELS"

  /// The level called `name`.
  ///
  /// - Throws: `unknown` for another word, `unsupported` where this processor lacks it.
  public init(named name: String) throws(CNNError) {
    guard let level = KernelLevel(rawValue: name) else {
      throw CNNError(
        .usage, .unknown, "there are no kernels of that name",
        subject: KernelLevel.environmentVariable, found: name,
        expected: KernelLevel.available.map(\.rawValue).joined(separator: ", "))
    }
    guard level.isAvailable else {
      throw CNNError(
        .usage, .unsupported, "this processor cannot run these kernels",
        subject: KernelLevel.environmentVariable, found: name,
        expected: KernelLevel.available.map(\.rawValue).joined(separator: ", "))
    }
    self = level
  }

  /// The levels that this processor can run.
  public static var available: [KernelLevel] { allCases.filter(\.isAvailable) }

  /// The fastest level that this processor can run.
  public static var fastest: KernelLevel { available.last ?? .blas }

  /// Whether this processor can run it.
  public var isAvailable: Bool { number.map(cnn_level_available) ?? true }

  /// The table of kernels; nil for the plain operations.
  var kernels: UnsafePointer<cnn_kernels>? { number.flatMap(cnn_kernels_at) }

  /// The kernels for convolutions that multiply in bfloat16; nil where there are none.
  var bfloat16Kernels: UnsafePointer<cnn_kernels>? { number.flatMap(cnn_bfloat16_kernels_at) }

  private var number: cnn_level? {
    switch self {
    case .blas: nil
    case .generic: CNN_LEVEL_GENERIC
    case .avx2: CNN_LEVEL_AVX2
    case .avx512: CNN_LEVEL_AVX512
    }
  }
}
