internal import CNNKernels

/// A network prepared for our kernels: fused steps, packed weights, and one plan of memory for all
/// maps. A batch of any size runs on the same packed weights.
struct PackedPlan: Sendable {
  let steps: [PackedStep]
  private let kernels: KernelSet
  private let memoryPlan: MemoryPlan
  private let outputs: [String: PackedStep.Input]
  private let memory = RunMemory()

  init(
    steps: [PackedStep], kernels: KernelSet, memoryPlan: MemoryPlan,
    outputs: [String: PackedStep.Input]
  ) {
    self.steps = steps
    self.kernels = kernels
    self.memoryPlan = memoryPlan
    self.outputs = outputs
  }

  /// The results of the output nodes, by name.
  ///
  /// - Parameter observe: receives the number of each step when it has been computed.
  func run(_ input: Tensor, threads: Int, observe: (Int) -> Void) -> [String: Tensor] {
    guard let table = kernels.table else { preconditionFailure("no such kernels here") }
    let pictures = input.shape[0]
    let scratch = steps.reduce(ScratchSize()) { size, step in
      guard case .kernel(let kernel) = step.action else { return size }
      return size.covering(kernel.scratchSize(pictures: pictures, threads: threads))
    }
    let count = memoryPlan.size * pictures + scratch.shared + scratch.perThread * threads
    return memory.withMemory(count: count) { start in
      var run = PlanRun(
        pictures: pictures, threads: threads, kernels: table, memoryPlan: memoryPlan,
        scratch: scratch, memory: start, tensors: [Network.inputName: input])
      for (number, step) in steps.enumerated() {
        step.compute(&run)
        observe(number)
      }
      return outputs.mapValues { $0.tensor(run) }
    }
  }
}

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
    /// A tensor is copied to a map.
    case rearrange(String, Rearrangement)
    /// Plain operations one after the other, on tensors: the first has the inputs, each other the
    /// result before it and the remaining inputs.
    case plain([any LayerOperation], inputs: [Input])
    /// The kernels before have written everything already.
    case nothing
  }

  /// Something that a plain operation reads.
  struct Input: Sendable {
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

  fileprivate func compute(_ run: inout PlanRun) {
    switch action {
    case .kernel(let kernel):
      kernel.run(run)
    case .rearrange(let name, let rearrangement):
      guard let tensor = run.tensors[name] else { preconditionFailure("\(name) is gone") }
      rearrangement.fill(from: tensor, run)
    case .plain(let operations, let inputs):
      var tensors = inputs.map { $0.tensor(run) }
      for name in lastReads { run.tensors[name] = nil }
      for operation in operations {
        tensors = [operation.run(tensors, threads: run.threads)] + tensors.dropFirst()
      }
      run.tensors[output] = tensors[0]
    case .nothing:
      break
    }
    for name in lastReads { run.tensors[name] = nil }
  }
}

extension PackedStep.Input {
  /// The tensor itself; a map is copied.
  fileprivate func tensor(_ run: PlanRun) -> Tensor {
    switch operand {
    case .tensor(let name):
      guard let tensor = run.tensors[name] else { preconditionFailure("\(name) is gone") }
      return tensor
    case .map(let slot):
      return Rearrangement(slot).tensor(run, shape: [run.pictures] + shape)
    }
  }
}
