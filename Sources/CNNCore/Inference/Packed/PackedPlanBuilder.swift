internal import CNNKernels

/// Makes a packed plan: chooses the kernel of each fused step, packs its weights, and notes which
/// memory is needed when. What no kernel takes becomes a plain operation.
struct PackedPlanBuilder {
  private let parameters: Parameters
  private let kernels: UnsafePointer<cnn_kernels>
  /// Those of convolutions in bfloat16, if it was asked for.
  private let bfloat16Kernels: UnsafePointer<cnn_kernels>?
  private let options: InferenceOptions
  private let threads: Int
  private let concats: ConcatPlaces
  private let shapes: [String: [Int]]
  private var steps: [PackedStep] = []
  private var buffers: [MemoryPlan.Buffer] = []
  private var slots: [String: MapSlot] = [:]

  /// The plan of `network`; packing runs on `threads` threads.
  static func plan(
    _ network: Network, _ parameters: Parameters, options: InferenceOptions, threads: Int
  ) -> PackedPlan? {
    guard let kernels = options.kernels.table else { return nil }
    let fused = Fusion.steps(of: network)
    var builder = PackedPlanBuilder(network, fused, parameters, kernels, options, threads)
    for step in fused { builder.add(step) }
    return builder.finish(options.kernels, last: fused.last?.output ?? Network.inputName)
  }

  private init(
    _ network: Network, _ fused: [FusedStep], _ parameters: Parameters,
    _ kernels: UnsafePointer<cnn_kernels>, _ options: InferenceOptions, _ threads: Int
  ) {
    self.parameters = parameters
    self.kernels = kernels
    bfloat16Kernels = options.precision == .bf16 ? options.kernels.bfloat16Table : nil
    self.options = options
    self.threads = threads
    var shapes = [Network.inputName: network.inputShape]
    for node in network.nodes { shapes[node.name] = node.outputShape }
    self.shapes = shapes
    concats = ConcatPlaces(fused, shapes: shapes)
  }

  private mutating func add(_ step: FusedStep) {
    switch KernelChoice.choose(step, isMap: { slots[$0] != nil }) {
    case .winograd(let convolution, let form):
      makeMaps(step.inputs)
      let form = bfloat16Kernels == nil ? form : form.inBFloat16(convolution)
      let ends = ends(of: step, convolution, .winograd(form), bfloat16Kernels ?? kernels)
      append(step, WinogradConvolution(convolution, form, ends))
    case .direct(let convolution, let planar):
      makeMaps(planar ? Array(step.inputs.dropFirst()) : step.inputs)
      let gains = DirectConvolution.gainsInBFloat16(convolution, planar: planar)
      let ends = ends(
        of: step, convolution, planar ? .planar : .blocked,
        (gains ? bfloat16Kernels : nil) ?? kernels)
      append(step, DirectConvolution(convolution, ends, planar: planar))
    case .pool(let layer):
      let input = map(step.inputs[0])
      guard let (cells, isMean) = BlockedPooling.cells(of: layer, input: input.extent) else {
        preconditionFailure("chosen for a pooling")
      }
      append(
        step,
        BlockedPooling(input, to: newSlot(step.output), cells: cells, isMean: isMean))
    case .responseNorm(let settings):
      let input = map(step.inputs[0])
      append(step, BlockedResponseNorm(input, to: newSlot(step.output), settings))
    case .add(let relu):
      makeMaps(step.inputs)
      let inputs = step.inputs.map { map($0) }
      append(
        step, BlockedAddition(inputs[0], inputs[1], to: newSlot(step.output), relu: relu))
    case .plain where concats.concats.contains(step.output):
      steps.append(PackedStep(output: step.output, action: .nothing))
    case .plain(let operations):
      let inputs = step.inputs.map { name in
        PackedStep.PlainInput(operand: operand(name), shape: shapes[name] ?? [])
      }
      steps.append(
        PackedStep(
          output: step.output,
          action: .plain(
            operations.map { $0.prepared(parameters, options, threads: threads) }, inputs: inputs)))
    }
  }

  private mutating func append(_ step: FusedStep, _ kernel: any PackedKernel) {
    steps.append(PackedStep(output: step.output, action: .kernel(kernel)))
  }

  private mutating func ends(
    of step: FusedStep, _ convolution: FusedConvolution,
    _ order: WeightPacking.Order, _ kernels: UnsafePointer<cnn_kernels>
  ) -> ConvolutionEnds {
    ConvolutionEnds(
      input: operand(step.inputs[0]),
      residual: convolution.addsResidual ? map(step.inputs[1]) : nil,
      output: newSlot(step.output),
      weights: ConvolutionWeights(
        convolution, parameters, order: order, packsNow: { packsNow($0, order) },
        kernels: kernels, threads: threads),
      relu: convolution.relu)
  }

  private func packsNow(_ weights: WeightPacking, _ order: WeightPacking.Order) -> Bool {
    guard case .winograd = order else { return true }
    return WinogradConvolution.packsAhead(weights, options.packing)
  }

  // MARK: Memory

  /// What the next step reads under `name`.
  private mutating func operand(_ name: String) -> Operand {
    guard let slot = slots[name] else { return .tensor(name) }
    buffers[slot.buffer].last = steps.count
    return .map(slot)
  }

  /// The map `name`, which is there.
  private mutating func map(_ name: String) -> MapSlot {
    guard case .map(let slot) = operand(name) else { preconditionFailure("\(name) is no map") }
    return slot
  }

  /// Makes maps of those of `names` that are tensors.
  private mutating func makeMaps(_ names: [String]) {
    for name in names where slots[name] == nil {
      let slot = newSlot(name)
      steps.append(PackedStep(output: name, action: .rearrange(name, Rearrangement(slot))))
    }
  }

  /// A place for the result `name` of the next step.
  private mutating func newSlot(_ name: String) -> MapSlot {
    let shape = shapes[name] ?? []
    let extent = shape.count == 3 ? Extent(height: shape[1], width: shape[2]) : 1
    let slot: MapSlot
    if let place = concats.places[name] {
      let whole = slots[place.concat] ?? newSlot(place.concat)
      slot = MapSlot(
        buffer: whole.buffer, bufferBlocks: whole.bufferBlocks,
        firstBlock: whole.firstBlock + place.firstBlock, channels: shape[0], extent: extent)
    } else {
      let blocks = MapSlot.blocks(of: shape[0])
      slot = MapSlot(
        buffer: buffers.count, bufferBlocks: blocks, firstBlock: 0, channels: shape[0],
        extent: extent)
      buffers.append(
        MemoryPlan.Buffer(size: slot.pictureStride, first: steps.count, last: steps.count))
    }
    slots[name] = slot
    return slot
  }

  private mutating func finish(_ kernels: KernelSet, last: String) -> PackedPlan {
    let output = PackedStep.PlainInput(operand: operand(last), shape: shapes[last] ?? [])
    noteLastReads(keeping: last)
    return PackedPlan(
      steps: steps, kernels: kernels, memoryPlan: MemoryPlan(buffers), output: output)
  }

  /// Tells each step which tensors it is the last to read.
  private mutating func noteLastReads(keeping last: String) {
    var seen: Set<String> = [last]
    for index in steps.indices.reversed() {
      for name in steps[index].tensorsRead where seen.insert(name).inserted {
        steps[index].lastReads.append(name)
      }
    }
  }
}

extension PackedStep {
  /// The tensors that the step reads.
  fileprivate var tensorsRead: [String] {
    switch action {
    case .kernel(let kernel): [kernel.tensorRead].compactMap { $0 }
    case .rearrange(let name, _): [name]
    case .plain(_, let inputs):
      inputs.compactMap { if case .tensor(let name) = $0.operand { name } else { nil } }
    case .nothing: []
    }
  }
}
