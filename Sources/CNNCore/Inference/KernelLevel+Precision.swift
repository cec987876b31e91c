internal import CNNSystem

extension KernelLevel {
  /// Whether these kernels compute in `precision` on this processor.
  public func computes(_ precision: Precision) -> Bool {
    switch precision {
    case .fp32: true
    case .halfFC: self != .blas
    case .bf16: bfloat16Kernels != nil
    }
  }

  /// - Parameter isForced: whether the environment asked for this level.
  /// - Throws: `unsupported` where these kernels do not compute in `precision`.
  func require(_ precision: Precision, isForced: Bool) throws(CNNError) {
    guard !computes(precision) else { return }
    let needed = precision == .bf16 ? "AVX-512 with AVX512-BF16" : "any but blas"
    let others = Precision.allCases.reversed().filter { computes($0) }.map(\.rawValue)
    let wouldHelp = isForced && KernelLevel.fastest.computes(precision)
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
