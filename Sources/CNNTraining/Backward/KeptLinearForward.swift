internal import CNNCore
internal import CNNSystem
internal import CNNTrainingKernels

/// A linear layer in front of dropout: results that will be dropped are not computed, they are 0.
///
/// A mask of rate 1/2 saves half of the products. Outputs are taken in sets of up to five: the
/// pictures for which the same of them are kept form dense products of their own (see
/// `KeptOutputs`). Every sum runs over stretches of 512 inputs in order and is added up in the same
/// way in every product, so the bits depend neither on the threads nor on the other results.
struct KeptLinearForward: Sendable {
  /// The most outputs of a unit of work: what is added to beside the inputs of one stretch, 512 KiB
  /// at 256 pictures, stays in the level 2 cache.
  private static let height = 260
  /// The smallest part of dropped results that pays; measured.
  private static let smallestRate: Float = 0.35

  private let weight: LinearWeight
  private let dropout: DropoutMask

  /// The layer, or nil where computing all results is faster.
  init?(_ weight: LinearWeight, _ dropout: DropoutMask) {
    guard weight.layout == .outputInput, dropout.rate >= Self.smallestRate,
      cnn_training_prefers_kept_products() != 0
    else { return nil }
    self.weight = weight
    self.dropout = dropout
  }

  /// `x W^T + bias` where it is kept, else 0: input `[N, in]`, bias `[out]`, result `[N, out]`.
  func forward(_ input: Tensor, bias: Tensor, threads: Int) -> Tensor {
    let count = input.shape[0]
    let stretches = InputStretches(input, threads: threads)
    // As many units of equal size for each thread.
    let rounds = (weight.outputs + threads * Self.height - 1) / (threads * Self.height)
    let height = (weight.outputs + rounds * threads - 1) / (rounds * threads)
    let units = (weight.outputs + height - 1) / height
    return Tensor(uninitialized: [count, weight.outputs]) { elements in
      // Each unit writes columns of its own.
      nonisolated(unsafe) let result = elements
      Workers.forEach(count: units, threads: threads) { unit in
        let outputs = (unit * height)..<min(weight.outputs, (unit + 1) * height)
        let kept = KeptOutputs(outputs, of: weight, dropout, pictures: count)
        kept.multiply(stretches)
        kept.store(bias, into: result)
      }
    }
  }
}
