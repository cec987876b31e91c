internal import CNNCore
internal import CNNSystem

/// A linear layer in front of dropout: results that will be dropped are not computed, they are 0.
///
/// A dropout rate of 1/2 saves half of the products. Outputs are computed in sets of up to five: the
/// pictures that need the same outputs of a set form dense products of their own (see
/// `MaskedOutputs`). Every sum goes over chunks of 512 inputs in order and is added up in the same way
/// in every product, so its bits depend neither on the threads nor on the other results.
struct MaskedLinearForward: Sendable {
  /// The most outputs of a work unit. At 256 pictures half of their sums are 260 * 256 / 2 elements,
  /// 130 KiB; with the inputs of one chunk, 512 KiB, they stay in a level 2 cache of 1 MiB.
  private static let mostOutputs = 260
  /// The smallest dropout rate at which leaving products out is faster than the dense product;
  /// measured on AVX-512.
  private static let smallestRate: Float = 0.35

  private let weight: LinearWeight
  private let dropout: DropoutMask
  private let kernels: KernelSet

  /// The layer.
  ///
  /// - Precondition: the weight is `[out, in]`, and `kernels` are not `blas`.
  init(_ weight: LinearWeight, _ dropout: DropoutMask, kernels: KernelSet) {
    precondition(weight.layout == .outputInput, "the weight is [out, in]")
    self.weight = weight
    self.dropout = dropout
    self.kernels = kernels
  }

  /// Whether the layer is computed faster so than by the dense product.
  static func isFaster(
    _ weight: LinearWeight, _ dropout: DropoutMask, kernels: KernelSet
  ) -> Bool {
    weight.layout == .outputInput && dropout.rate >= smallestRate
      && kernels.table?.pointee.prefers_masked_products == true
  }

  /// `x W^T + bias` where it is needed, else 0: input `[N, in]`, bias `[out]`, result `[N, out]`.
  func forward(_ input: Tensor, bias: Tensor, threads: Int) -> Tensor {
    let count = input.shape[0]
    let chunks = InputChunks(input, threads: threads)
    // The same number of units, of equal size, for each thread.
    let rounds = (weight.outputs + threads * Self.mostOutputs - 1) / (threads * Self.mostOutputs)
    let height = (weight.outputs + rounds * threads - 1) / (rounds * threads)
    let units = (weight.outputs + height - 1) / height
    return Tensor(uninitialized: [count, weight.outputs]) { elements in
      // Each unit writes columns of its own.
      nonisolated(unsafe) let result = elements
      Workers.forEach(count: units, threads: threads) { unit in
        let range = (unit * height)..<min(weight.outputs, (unit + 1) * height)
        let outputs = MaskedOutputs(
          range, of: weight, dropout, pictures: count, kernels: kernels)
        outputs.multiply(chunks)
        outputs.store(bias, into: result)
      }
    }
  }
}
