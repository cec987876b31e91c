/// Which kernel computes a step.
enum KernelChoice {
  case winograd(FusedConvolution, WinogradForm)
  case direct(FusedConvolution, planar: Bool)
  case pool(Layer)
  case responseNorm(LocalResponseNorm)
  case add(relu: Bool)
  /// A concatenation whose inputs are written to where they belong in it: nothing is left to do.
  case concatInPlace
  /// Plain operations, one after the other.
  case plain([PlainOperation])

  /// A plain operation before its parameters are fetched.
  enum PlainOperation {
    /// A node, with the BatchNorm behind it.
    case node(Network.Node, norm: Network.Node? = nil)
    /// An operation without parameters.
    case operation(any LayerOperation)

    func prepared(
      _ parameters: Parameters, _ options: InferenceOptions, threads: Int
    ) -> any LayerOperation {
      switch self {
      case .node(let node, _) where node.isLinear:
        PackedLinear(
          weight: parameters.weight(of: node), bias: parameters.bias(of: node),
          precision: options.precision, kernels: options.kernels, threads: threads)
      case .node(let node, let norm):
        parameters.operation(of: node, foldedNorm: norm)
      case .operation(let operation): operation
      }
    }
  }
}

/// The kernels of all steps of a plan.
struct KernelChoices {
  /// A part of the channels of a concatenation.
  struct ConcatSlot {
    let concat: String
    let firstBlock: Int
  }

  /// The kernel of each step.
  private(set) var choices: [KernelChoice] = []
  /// The results that are written to where they belong in a concatenation.
  private(set) var concatSlots: [String: ConcatSlot] = [:]
  private let shapes: [String: [Int]]
  private let isBFloat16: Bool
  /// Results that are blocked maps so far.
  private var maps: Set<String> = []

  /// Chooses the kernels of `steps` in order.
  ///
  /// - Parameters:
  ///   - shapes: the shape of each result, without the batch.
  ///   - outputs: nodes whose results are returned.
  ///   - isBFloat16: whether convolutions multiply in bfloat16.
  init(
    _ steps: [FusedStep], shapes: [String: [Int]], outputs: [String], isBFloat16: Bool
  ) {
    self.shapes = shapes
    self.isBFloat16 = isBFloat16
    var readers: [String: Int] = [:]
    for step in steps {
      for name in step.inputs { readers[name, default: 0] += 1 }
    }
    for name in outputs { readers[name, default: 0] += 1 }
    for step in steps {
      let choice = choose(step, readers)
      noteMaps(of: step, choice)
      choices.append(choice)
    }
  }

  /// Notes which results are maps after `step`: its result, and its inputs where the kernel needs
  /// maps, because tensors are made maps for it.
  private mutating func noteMaps(of step: FusedStep, _ choice: KernelChoice) {
    switch choice {
    case .winograd, .add: maps.formUnion(step.inputs + [step.output])
    case .direct(_, let planar):
      maps.formUnion(step.inputs.dropFirst(planar ? 1 : 0) + [step.output])
    case .pool, .responseNorm, .concatInPlace: maps.insert(step.output)
    case .plain: break
    }
  }

  private mutating func choose(_ step: FusedStep, _ readers: [String: Int]) -> KernelChoice {
    switch step.operation {
    case .convolution(let convolution):
      return choose(convolution, readsMap: maps.contains(step.inputs[0]))
    case .add(let relu):
      if step.inputs.contains(where: maps.contains) { return .add(relu: relu) }
      return .plain([.operation(Add())] + (relu ? [.operation(ReLU())] : []))
    case .node(let node) where node.layer == .concat:
      let isInPlace = step.inputs.allSatisfy { name in
        maps.contains(name) && readers[name] == 1
          && (shapes[name]?[0] ?? 0).isMultiple(of: MapSlot.blockChannels)
      }
      guard isInPlace else { return .plain([.node(node)]) }
      addSlots(of: step)
      return .concatInPlace
    case .node(let node):
      return choose(node, readsMap: step.inputs.allSatisfy(maps.contains))
    }
  }

  private mutating func addSlots(of concat: FusedStep) {
    var block = 0
    for name in concat.inputs {
      concatSlots[name] = ConcatSlot(concat: concat.output, firstBlock: block)
      block += MapSlot.blocks(of: shapes[name]?[0] ?? 0)
    }
  }

  private func choose(_ convolution: FusedConvolution, readsMap: Bool) -> KernelChoice {
    if let form = WinogradForm(convolution) {
      return .winograd(convolution, isBFloat16 ? form.inBFloat16(convolution) : form)
    }
    let planar = !readsMap && DirectConvolution.readsPlanar(convolution)
    if DirectConvolution.accepts(convolution, planar: planar) {
      return .direct(convolution, planar: planar)
    }
    var operations = [KernelChoice.PlainOperation.node(convolution.node, norm: convolution.norm)]
    if convolution.addsResidual { operations.append(.operation(Add())) }
    if convolution.relu { operations.append(.operation(ReLU())) }
    return .plain(operations)
  }

  private func choose(_ node: Network.Node, readsMap: Bool) -> KernelChoice {
    guard readsMap else { return .plain([.node(node)]) }
    switch node.layer {
    case .maxPool, .averagePool, .adaptiveAveragePool, .globalAveragePool:
      return .pool(node.layer)
    case .localResponseNorm(let settings)
    where BlockedResponseNorm.accepts(settings, channels: node.outputShape[0]):
      return .responseNorm(settings)
    default:
      return .plain([.node(node)])
    }
  }
}

extension Network.Node {
  fileprivate var isLinear: Bool { if case .linear = layer { true } else { false } }
}
