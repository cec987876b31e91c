internal import CNNKernels

/// Makes a packed plan: packs the weights of each fused step for the kernel that was chosen for it,
/// and plans the memory. What no kernel computes becomes a plain operation.
struct PackedPlanBuilder {
  private let parameters: Parameters
  private let kernels: UnsafePointer<cnn_kernels>
  /// The kernels of convolutions in bfloat16, for that precision.
  private let bfloat16Kernels: UnsafePointer<cnn_kernels>?
  private let options: InferenceOptions
  private let threads: Int
  private let concatSlots: [String: KernelChoices.ConcatSlot]
  private let shapes: [String: [Int]]
  private var steps: [PackedStep] = []
  /// What each step reads.
  private var reads: [[Operand]] = []
  private var buffers: [MemoryPlan.Buffer] = []
  /// The results that are maps so far.
  private var slots: [String: MapSlot] = [:]

  /// The plan that computes the nodes `outputs` of `network`, packed on `threads` threads; nil for
  /// `blas`.
  static func plan(
    _ network: Network, _ parameters: Parameters, outputs: [String], options: InferenceOptions,
    threads: Int
  ) -> PackedPlan? {
    guard let kernels = options.kernels.table else { return nil }
    let fused = Fusion.steps(of: network, outputs: outputs)
    var shapes = [Network.inputName: network.inputShape]
    for node in network.nodes { shapes[node.name] = node.outputShape }
    let chosen = KernelChoices(
      fused, shapes: shapes, outputs: outputs, isBFloat16: options.precision == .bf16)
    var builder = PackedPlanBuilder(
      parameters: parameters, kernels: kernels,
      bfloat16Kernels: options.precision == .bf16 ? options.kernels.bfloat16Table : nil,
      options: options, threads: threads, concatSlots: chosen.concatSlots, shapes: shapes)
    for (step, choice) in zip(fused, chosen.choices) { builder.add(step, choice) }
    return builder.finish(outputs)
  }

  private init(
    parameters: Parameters, kernels: UnsafePointer<cnn_kernels>,
    bfloat16Kernels: UnsafePointer<cnn_kernels>?, options: InferenceOptions, threads: Int,
    concatSlots: [String: KernelChoices.ConcatSlot], shapes: [String: [Int]]
  ) {
    self.parameters = parameters
    self.kernels = kernels
    self.bfloat16Kernels = bfloat16Kernels
    self.options = options
    self.threads = threads
    self.concatSlots = concatSlots
    self.shapes = shapes
  }

  private mutating func add(_ step: FusedStep, _ choice: KernelChoice) {
    switch choice {
    case .winograd(let convolution, let form):
      makeMaps(step.inputs)
      let operands = operands(
        of: step, convolution, .winograd(form), bfloat16Kernels ?? kernels)
      append(step, WinogradConvolution(convolution, form, operands))
    case .direct(let convolution, let planar):
      makeMaps(planar ? Array(step.inputs.dropFirst()) : step.inputs)
      let gains = DirectConvolution.gainsInBFloat16(convolution, planar: planar)
      let operands = operands(
        of: step, convolution, planar ? .planar : .blocked,
        (gains ? bfloat16Kernels : nil) ?? kernels)
      append(step, DirectConvolution(convolution, operands, planar: planar))
    case .pool(let layer):
      let input = map(step.inputs[0])
      guard let (cells, isMean) = BlockedPooling.cells(of: layer, input: input.extent) else {
        preconditionFailure("chosen for a pooling")
      }
      append(
        step, BlockedPooling(input, to: newSlot(step.output), cells: cells, isMean: isMean))
    case .responseNorm(let settings):
      let input = map(step.inputs[0])
      append(step, BlockedResponseNorm(input, to: newSlot(step.output), settings))
    case .add(let relu):
      makeMaps(step.inputs)
      let inputs = step.inputs.map { map($0) }
      append(step, BlockedAddition(inputs[0], inputs[1], to: newSlot(step.output), relu: relu))
    case .concatInPlace:
      append(PackedStep(output: step.output, action: .nothing), reading: [])
    case .plain(let operations):
      let inputs = step.inputs.map { input($0) }
      let prepared = operations.map { $0.prepared(parameters, options, threads: threads) }
      append(
        PackedStep(output: step.output, action: .plain(prepared, inputs: inputs)),
        reading: inputs.map(\.operand))
    }
  }

  private mutating func append(_ step: PackedStep, reading operands: [Operand]) {
    steps.append(step)
    reads.append(operands)
  }

  private mutating func append(_ step: FusedStep, _ kernel: any PackedKernel) {
    append(
      PackedStep(output: step.output, action: .kernel(kernel)),
      reading: step.inputs.map { operand($0) })
  }

  private mutating func operands(
    of step: FusedStep, _ convolution: FusedConvolution,
    _ order: WeightPacking.Order, _ kernels: UnsafePointer<cnn_kernels>
  ) -> ConvolutionOperands {
    ConvolutionOperands(
      input: operand(step.inputs[0]),
      residual: convolution.addsResidual ? map(step.inputs[1]) : nil,
      output: newSlot(step.output),
      weights: ConvolutionWeights(
        convolution, parameters, order: order, packing: options.packing, kernels: kernels,
        threads: threads),
      relu: convolution.relu)
  }

  // MARK: Memory

  /// What a step reads under `name`.
  private func operand(_ name: String) -> Operand { slots[name].map { .map($0) } ?? .tensor(name) }

  private func input(_ name: String) -> PackedStep.Input {
    PackedStep.Input(operand: operand(name), shape: shapes[name] ?? [])
  }

  /// The map `name`, which was made before.
  private func map(_ name: String) -> MapSlot {
    guard let slot = slots[name] else { preconditionFailure("\(name) is no map") }
    return slot
  }

  /// Makes maps of those of `names` that are tensors.
  private mutating func makeMaps(_ names: [String]) {
    for name in names where slots[name] == nil {
      let slot = newSlot(name)
      append(
        PackedStep(output: name, action: .rearrange(name, Rearrangement(slot))),
        reading: [.tensor(name)])
    }
  }

  /// A slot for the map `name`, which the next step writes.
  private mutating func newSlot(_ name: String) -> MapSlot {
    let shape = shapes[name] ?? []
    let extent = shape.count == 3 ? Extent(height: shape[1], width: shape[2]) : 1
    let slot: MapSlot
    if let part = concatSlots[name] {
      let whole = slots[part.concat] ?? newSlot(part.concat)
      slot = MapSlot(
        buffer: whole.buffer, bufferBlocks: whole.bufferBlocks,
        firstBlock: whole.firstBlock + part.firstBlock, channels: shape[0], extent: extent)
      buffers[slot.buffer].last = steps.count
    } else {
      slot = MapSlot(
        buffer: buffers.count, bufferBlocks: MapSlot.blocks(of: shape[0]), firstBlock: 0,
        channels: shape[0], extent: extent)
      buffers.append(
        MemoryPlan.Buffer(size: slot.pictureStride, first: steps.count, last: steps.count))
    }
    slots[name] = slot
    return slot
  }

  private mutating func finish(_ outputs: [String]) -> PackedPlan {
    let results = Dictionary(outputs.map { ($0, input($0)) }) { first, _ in first }
    let kept = Set(results.values.map { Memory($0.operand) })
    let lastReads = Liveness.lastReads(reads.map { $0.map(Memory.init) }, keeping: kept)
    for (step, memories) in lastReads.enumerated() {
      for memory in memories {
        switch memory {
        case .tensor(let name): steps[step].lastReads.append(name)
        case .buffer(let index): buffers[index].last = max(buffers[index].last, step)
        }
      }
    }
    for case .buffer(let index) in kept { buffers[index].last = steps.count }
    return PackedPlan(
      steps: steps, kernels: options.kernels, memoryPlan: MemoryPlan(buffers), outputs: results)
  }

  /// What holds an operand.
  private enum Memory: Hashable {
    case tensor(String)
    case buffer(Int)

    init(_ operand: Operand) {
      switch operand {
      case .tensor(let name): self = .tensor(name)
      case .map(let slot): self = .buffer(slot.buffer)
      }
    }
  }
}
