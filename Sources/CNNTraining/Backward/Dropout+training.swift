internal import CNNCore

/// Saves the mask, which the backward pass applies to the gradient.
extension Dropout: TrainableLayer {
  func forward(
    _ inputs: consuming [Tensor], _ context: LayerContext
  ) -> LayerForward<DropoutMask?> {
    var inputs = inputs
    let input = inputs.removeFirst()
    guard let mask = context.randomness.dropout(context.node.node) else {
      return LayerForward(output: input, saved: nil)
    }
    return LayerForward(output: mask(input, threads: context.threads), saved: mask)
  }

  func backward(
    _ mask: DropoutMask?, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    guard let mask else { return LayerGradients(inputs: [outputGradient]) }
    return LayerGradients(inputs: [mask(outputGradient, threads: context.threads)])
  }
}

/// Which elements dropout drops in one step, in its inverted form: each element becomes 0 with
/// probability `rate`, else it is multiplied by `1 / (1 - rate)`, so inference needs no factor.
///
/// Whether an element is dropped is a pure function of its index: nothing is stored, the backward
/// pass applies the same mask again, and threads need no shared generator.
struct DropoutMask: Sendable {
  /// Probability of dropping an element, at least 0 and below 1.
  let rate: Float
  /// The random numbers of this seed, step and node.
  let numbers: RandomNumbers

  /// Whether element `index` is not dropped.
  @inline(__always)
  func keeps(_ index: Int) -> Bool { numbers.bits(index) >> 40 >= threshold }

  /// Of 2^24 equally likely draws the lower `rate * 2^24` drop.
  private var threshold: UInt64 { UInt64(Double(rate) * 0x1p24) }

  /// `values` after dropout, any shape; the gradient of the input is the same function of the
  /// gradient of the result. Works in place where the caller hands over the only reference.
  func callAsFunction(_ values: consuming Tensor, threads: Int) -> Tensor {
    let scale = 1 / (1 - rate)
    var result = values
    result.updateElements(threads: threads) { elements, range in
      for index in range { elements[index] = keeps(index) ? elements[index] * scale : 0 }
    }
    return result
  }
}
