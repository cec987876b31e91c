import ArgumentParser
import CNNCore
import CNNSystem

/// The flag that limits the worker threads; the same for every verb that computes.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Worker threads. Without it, CNN_THREADS or one for each processor.", valueName: "count"))
  var threads: Int?

  func validate() throws {
    guard let threads, !(1...Workers.largestCount).contains(threads) else { return }
    throw ValidationError("--threads must be between 1 and \(Workers.largestCount)")
  }
}

/// The flag that chooses the number format in which a network is computed.
struct PrecisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      fp32; half-fc: linear layers keep their weights in 16 bits (measured error of the logits: at \
      most \(Self.error(.halfFC)) of the largest); bf16: convolutions also multiply in bfloat16 \
      (at most \(Self.error(.bf16))), on processors with AVX512-BF16.
      """,
      valueName: "name"),
    completion: .list(Precision.allCases.map(\.rawValue)))
  var precision = Precision.fp32

  /// The options of a plan, with the kernels that `CNN_KERNELS` asks for.
  func inferenceOptions() throws(CNNError) -> InferenceOptions {
    try InferenceOptions.fromEnvironment(precision: precision)
  }

  /// `1.3 %`: the error that was measured for a precision.
  private static func error(_ precision: Precision) -> String {
    NumberText.significant(100 * precision.measuredError, digits: 2) + " %"
  }
}

extension Precision: ExpressibleByArgument {}
