/// One step of a packed plan.
struct PackedStep: Sendable {
  /// The node whose result this is.
  let output: String
  let action: Action
  /// Tensors that no later step reads.
  var lastReads: [String] = []

  enum Action: Sendable {
    /// One of our kernels, from maps to a map.
    case kernel(any PackedKernel)
    /// A tensor becomes a map.
    case rearrange(String, Rearrangement)
    /// Plain operations one after the other, on tensors.
    case plain([any LayerOperation], inputs: [PlainInput])
    /// The kernels before have written everything already.
    case nothing
  }

  /// Something that a plain operation reads.
  struct PlainInput: Sendable {
    let operand: Operand
    /// Without the batch.
    let shape: [Int]
  }

  /// What computes it, in a word or two.
  var kernelName: String {
    switch action {
    case .kernel(let kernel): kernel.name
    case .rearrange: "rearrange"
    case .plain(let operations, _):
      (operations[0] as? PackedLinear)?.kernelName ?? "plain"
    case .nothing: "in place"
    }
  }
}

extension PackedStep.PlainInput {
  /// The tensor itself; a map is copied.
  func tensor(_ run: PlanRun) -> Tensor {
    switch operand {
    case .tensor(let name):
      guard let tensor = run.tensors[name] else { preconditionFailure("\(name) is gone") }
      return tensor
    case .map(let slot):
      return Rearrangement(slot).tensor(run, shape: [run.pictures] + shape)
    }
  }
}
