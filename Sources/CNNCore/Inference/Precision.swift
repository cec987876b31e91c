/// In how many bits a plan keeps its weights and computes.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Everything in 32 bits; linear weights are used where they lie.
  case fp32
  /// The weights of linear layers are rounded once to IEEE 754 half precision (11 significant
  /// bits), the rest and all sums stay in 32 bits: half the memory traffic where it is largest.
  ///
  /// VGG16 with random weights, 8 photos: the logits differ from those of `fp32` by at most 4e-4 of
  /// the largest; the same five classes in the same order.
  case halfFC = "half-fc"
  /// The weights of linear layers are rounded once to bfloat16 (8 significant bits); all sums are
  /// taken in 32 bits.
  ///
  /// Measured like `halfFC`: at most 3.2e-3 of the largest logit, the same five classes.
  case bf16
}
