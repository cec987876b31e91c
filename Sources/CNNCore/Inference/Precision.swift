/// In how many bits a plan keeps its weights and computes.
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
  /// Everything in 32 bits; linear weights are used where they lie.
  case fp32
  /// The weights of linear layers are rounded once to IEEE 754 half precision (11 significant
  /// bits), the rest and all sums stay in 32 bits: half the memory traffic where it is largest.
  ///
  /// Errors against float64 as a share of the largest logit, the worst of 50 photos: VGG16 with
  /// random weights 5.1e-4, ResNet-50 with random weights 2.8e-4 (fp32: 2.2e-6 and 4e-7).
  case halfFC = "half-fc"
  /// Convolutions multiply in bfloat16 (8 significant bits), linear layers keep their weights in 16
  /// bits; all sums are taken in 32 bits. Only where the processor has AVX512-BF16.
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
