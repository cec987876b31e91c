import ArgumentParser
import CNNCore
import CNNSystem

/// The flag that says in how many bits a network is computed.
struct PrecisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      fp32; half-fc: the weights of linear layers in 16 bits (logits within 4e-4 of the largest); \
      bf16: convolutions in bfloat16 besides (within 1.1e-2), on processors with AVX512-BF16.
      """,
      valueName: "name"),
    completion: .list(Precision.allCases.map(\.rawValue)))
  var precision = Precision.fp32

  /// The options of a plan, with the kernels that `CNN_KERNELS` asks for.
  func inferenceOptions() throws(CNNError) -> InferenceOptions {
    try InferenceOptions.fromEnvironment(precision: precision)
  }
}

extension Precision: ExpressibleByArgument {}

/// What `--threads` may be.
enum ThreadCount {
  /// Throws a `ValidationError` for a count that no loop can have.
  static func check(_ count: Int?) throws {
    guard let count, !(1...Workers.largestCount).contains(count) else { return }
    throw ValidationError("--threads must be between 1 and \(Workers.largestCount)")
  }
}
