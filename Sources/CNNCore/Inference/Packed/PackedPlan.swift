internal import CNNKernels

/// A network prepared for our kernels: fused steps, packed weights, and one plan of memory for all
/// maps. A batch of any size runs on the same packed weights.
struct PackedPlan: Sendable {
  let steps: [PackedStep]
  private let kernels: KernelSet
  private let memoryPlan: MemoryPlan
  private let output: PackedStep.PlainInput
  private let memory = RunMemory()

  init(
    steps: [PackedStep], kernels: KernelSet, memoryPlan: MemoryPlan,
    output: PackedStep.PlainInput
  ) {
    self.steps = steps
    self.kernels = kernels
    self.memoryPlan = memoryPlan
    self.output = output
  }

  /// The result of the last node.
  ///
  /// - Parameter observe: is told the number of each step when it has been computed.
  func run(_ input: Tensor, threads: Int, observe: (Int) -> Void) -> Tensor {
    guard let table = kernels.table else { preconditionFailure("no such kernels here") }
    let pictures = input.shape[0]
    let scratch = steps.reduce(ScratchSize()) { size, step in
      guard case .kernel(let kernel) = step.action else { return size }
      return size.covering(kernel.scratchSize(pictures: pictures, lanes: threads))
    }
    let count = memoryPlan.size * pictures + scratch.shared + scratch.lane * threads
    return memory.withMemory(count: count) { start in
      var run = PlanRun(
        pictures: pictures, lanes: threads, kernels: table, memoryPlan: memoryPlan,
        scratch: scratch, memory: start, tensors: [Network.inputName: input])
      for (number, step) in steps.enumerated() {
        compute(step, &run)
        observe(number)
      }
      return output.tensor(run)
    }
  }

  private func compute(_ step: PackedStep, _ run: inout PlanRun) {
    switch step.action {
    case .kernel(let kernel):
      kernel.run(run)
    case .rearrange(let name, let rearrangement):
      guard let tensor = run.tensors[name] else { preconditionFailure("\(name) is gone") }
      rearrangement.fill(from: tensor, run)
    case .plain(let operations, let inputs):
      var tensors = inputs.map { $0.tensor(run) }
      for name in step.lastReads { run.tensors[name] = nil }
      for operation in operations {
        tensors = [operation.run(tensors, threads: run.lanes)] + tensors.dropFirst()
      }
      run.tensors[step.output] = tensors[0]
    case .nothing:
      break
    }
    for name in step.lastReads { run.tensors[name] = nil }
  }
}
