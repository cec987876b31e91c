package import CNNKernels
internal import CNNPlatform
public import CNNSystem

/// The kernels that compute a network and train it: plain operations over OpenBLAS, or our own,
/// compiled for several instruction sets.
public enum KernelSet: String, Sendable, Hashable, CaseIterable, Codable {
  /// Plain operations: im2col and OpenBLAS. They compute every shape on every processor.
  case blas
  /// Our kernels with 128-bit vectors (SSE2, NEON).
  case generic
  /// Our kernels with AVX2 and FMA.
  case avx2
  /// Our kernels with AVX-512.
  case avx512

  /// The environment variable that forces a set of kernels.
  public static let environmentVariable = "CNN_KERNELS"

  /// The kernels called `name`.
  ///
  /// - Throws: `unknown` for another word, `unsupported` where this processor cannot run them.
  public init(named name: String) throws(CNNError) {
    guard let kernels = KernelSet(rawValue: name) else {
      throw CNNError(
        .usage, .unknown, "there are no kernels of that name",
        subject: KernelSet.environmentVariable, found: name,
        expected: KernelSet.available.map(\.rawValue).joined(separator: ", "))
    }
    guard kernels.isAvailable else {
      throw CNNError(
        .usage, .unsupported, "this processor cannot run these kernels",
        subject: KernelSet.environmentVariable, found: name,
        expected: KernelSet.available.map(\.rawValue).joined(separator: ", "))
    }
    self = kernels
  }

  /// The kernels that the environment names, or nil where it names none.
  ///
  /// - Throws: what `init(named:)` throws.
  static func fromEnvironment() throws(CNNError) -> KernelSet? {
    try getenv(environmentVariable).map { (name) throws(CNNError) in
      try KernelSet(named: String(cString: name))
    }
  }

  /// The kernels that the environment names, or the fastest where it names none that this processor
  /// can run.
  public static let automatic = (try? fromEnvironment()).flatMap { $0 } ?? fastest

  /// The kernels that this processor can run.
  public static var available: [KernelSet] { allCases.filter(\.isAvailable) }

  /// The fastest kernels that this processor can run.
  public static var fastest: KernelSet { available.last ?? .blas }

  /// Whether this processor can run them.
  public var isAvailable: Bool { instructionSet.map(cnn_is_available) ?? true }

  /// The table of kernels, a constant of the program; nil for the plain operations.
  package var table: UnsafePointer<cnn_kernels>? { instructionSet.flatMap(cnn_kernels_for) }

  /// The table for training. The plain operations compute products by OpenBLAS and take the steps of
  /// the optimisers, which are plain loops, from the generic kernels.
  package var trainingTable: UnsafePointer<cnn_kernels> {
    guard let table = table ?? cnn_kernels_for(CNN_GENERIC) else {
      preconditionFailure("generic kernels run on every processor")
    }
    return table
  }

  /// The kernels of convolutions that multiply in bfloat16; nil where there are none.
  var bfloat16Table: UnsafePointer<cnn_kernels>? {
    instructionSet.flatMap(cnn_bfloat16_kernels_for)
  }

  private var instructionSet: cnn_instruction_set? {
    switch self {
    case .blas: nil
    case .generic: CNN_GENERIC
    case .avx2: CNN_AVX2
    case .avx512: CNN_AVX512
    }
  }
}

extension KernelSet {
  /// Whether these kernels compute in `precision` on this processor.
  public func computes(_ precision: Precision) -> Bool {
    switch precision {
    case .fp32: true
    case .halfFC: self != .blas
    case .bf16: bfloat16Table != nil
    }
  }

  /// - Parameter isForced: whether the environment names these kernels.
  /// - Throws: `unsupported` where these kernels do not compute in `precision`.
  func require(_ precision: Precision, isForced: Bool) throws(CNNError) {
    guard !computes(precision) else { return }
    let needed = precision == .bf16 ? "AVX-512 with AVX512-BF16" : "any but blas"
    let others = Precision.allCases.reversed().filter { computes($0) }.map(\.rawValue)
    let wouldHelp = isForced && KernelSet.fastest.computes(precision)
    throw CNNError(
      .usage, .unsupported, "the kernels cannot compute in this precision",
      subject: "precision \(precision.rawValue)",
      found: isForced ? "\(Self.environmentVariable)=\(rawValue)" : "a processor with \(rawValue)",
      expected: "kernels for \(needed)",
      remedy: CNNError.Remedy(
        "Use \(others.joined(separator: " or "))"
          + (wouldHelp ? ", or unset \(Self.environmentVariable)" : ""), action: .choosePrecision))
  }
}
