internal import CNNCore
internal import CNNSystem

/// Dropout in training (Srivastava et al., JMLR 15, 2014) in its inverted form: each element is 0
/// with probability `rate`, else multiplied by `1 / (1 - rate)`, so inference needs no factor.
///
/// Whether an element is kept is a pure function of `key` and its index: nothing is stored, the
/// backward pass applies the same mask again, and threads need no shared generator.
struct Dropout: Sendable {
  /// Probability of dropping an element, at least 0 and below 1.
  let rate: Float
  /// Names this use among all others: seed, step and node.
  let key: UInt64

  /// Whether element `index` is kept.
  @inline(__always)
  func keeps(_ index: Int) -> Bool {
    RandomBits.mix(key &+ UInt64(truncatingIfNeeded: index)) >> 40 >= threshold
  }

  /// Of 2^24 equally likely draws the lower `rate * 2^24` drop.
  private var threshold: UInt64 { UInt64(Double(rate) * 0x1p24) }

  /// `values` after dropout, any shape; the gradient of the input is the same function of the
  /// gradient of the result. Works in place where the caller hands over the only reference.
  func callAsFunction(_ values: consuming Tensor, threads: Int) -> Tensor {
    let scale = 1 / (1 - rate)
    var result = values
    result.withUnsafeMutableElements { elements in
      // The stretches are disjoint, and all threads have ended before anybody else reads.
      nonisolated(unsafe) let elements = elements
      Workers.forEachRange(count: elements.count, threads: threads) { range in
        for index in range { elements[index] = keeps(index) ? elements[index] * scale : 0 }
      }
    }
    return result
  }
}
