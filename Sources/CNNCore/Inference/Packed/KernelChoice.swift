/// Which kernel computes a step.
enum KernelChoice {
  case winograd(FusedConvolution, WinogradForm)
  case direct(FusedConvolution, planar: Bool)
  case pool(Layer)
  case responseNorm(LocalResponseNorm)
  case add(relu: Bool)
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

  /// The ladder of choices for `step`; `isMap` tells which results are blocked maps.
  static func choose(_ step: FusedStep, isMap: (String) -> Bool) -> KernelChoice {
    switch step.operation {
    case .convolution(let convolution):
      choose(convolution, readsMap: isMap(step.inputs[0]))
    case .add(let relu):
      if step.inputs.contains(where: isMap) {
        .add(relu: relu)
      } else {
        .plain([.operation(Add())] + (relu ? [.operation(ReLU())] : []))
      }
    case .node(let node):
      choose(node, readsMap: step.inputs.allSatisfy(isMap))
    }
  }

  private static func choose(_ convolution: FusedConvolution, readsMap: Bool) -> KernelChoice {
    if let form = WinogradForm(convolution) { return .winograd(convolution, form) }
    let planar = !readsMap && DirectConvolution.readsPlanar(convolution)
    if DirectConvolution.accepts(convolution, planar: planar) {
      return .direct(convolution, planar: planar)
    }
    var operations = [PlainOperation.node(convolution.node, norm: convolution.norm)]
    if convolution.addsResidual { operations.append(.operation(Add())) }
    if convolution.relu { operations.append(.operation(ReLU())) }
    return .plain(operations)
  }

  private static func choose(_ node: Network.Node, readsMap: Bool) -> KernelChoice {
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
