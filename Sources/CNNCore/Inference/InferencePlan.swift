internal import CNNSystem

/// A network with its parameters, prepared to be run: BatchNorm folded into the convolutions before
/// it, dropout left out, layers fused, weights in the order in which the kernels read them, and
/// memory for every intermediate result planned.
///
/// A plan is immutable: any number of tasks may run it at once. It takes batches of any size, and
/// the result has the same bits for any thread count and any batch size.
public struct InferencePlan: Sendable {
  /// The network, or the part of it that is computed.
  public let network: Network
  /// The nodes whose results a run returns.
  public let outputs: [String]
  /// Worker threads a run may use.
  public let threads: Int
  /// How it is computed.
  public let options: InferenceOptions
  private let engine: Engine

  private enum Engine: Sendable {
    case plain(PlainPlan)
    case packed(PackedPlan)
  }

  /// Prepares `network` to compute its last node, or another one.
  ///
  /// - Parameters:
  ///   - network: what to compute.
  ///   - parameters: its parameters; linear weights are used where they lie.
  ///   - output: the node whose result `run` returns; nil for the last one.
  ///   - threads: worker threads, at most `Workers.largestCount`; nil for what `CNN_THREADS` says, or
  ///     one for each processor.
  ///   - options: which kernels compute it; by default what `CNN_KERNELS` says, or the fastest.
  public init(
    network: Network, parameters: Parameters, output: String? = nil, threads: Int? = nil,
    options: InferenceOptions = .automatic
  ) {
    self.init(
      part: output.map { network.truncated(after: $0) } ?? network, parameters,
      outputs: [output ?? network.nodes.last?.name ?? Network.inputName], threads, options)
  }

  /// Prepares `network` to compute several of its nodes in one run; see `runAll`.
  ///
  /// - Parameters:
  ///   - network: what to compute.
  ///   - parameters: its parameters; linear weights are used where they lie.
  ///   - outputs: the nodes whose results `runAll` returns, at least one. Nodes that lead to none of
  ///     them are not computed.
  ///   - threads: worker threads, at most `Workers.largestCount`; nil for what `CNN_THREADS` says, or
  ///     one for each processor.
  ///   - options: which kernels compute it; by default what `CNN_KERNELS` says, or the fastest.
  public init(
    network: Network, parameters: Parameters, outputs: [String], threads: Int? = nil,
    options: InferenceOptions = .automatic
  ) {
    requireArgument(!outputs.isEmpty, "a plan computes at least one node")
    self.init(
      part: network.truncated(after: outputs), parameters, outputs: outputs, threads, options)
  }

  private init(
    part network: Network, _ parameters: Parameters, outputs: [String], _ threads: Int?,
    _ options: InferenceOptions
  ) {
    self.network = network
    self.outputs = outputs
    self.threads = min(max(1, threads ?? Workers.defaultCount), Workers.largestCount)
    self.options = options
    let packed = PackedPlanBuilder.plan(
      network, parameters, outputs: outputs, options: options, threads: self.threads)
    engine =
      packed.map { .packed($0) } ?? .plain(PlainPlan(network, parameters, outputs: outputs))
  }

  /// Shape of the result of `run` for one picture, without the batch.
  public var outputShape: [Int] {
    network.nodes.first { $0.name == outputs[0] }?.outputShape ?? network.inputShape
  }

  /// Computes the output node; the first, where the plan has several.
  ///
  /// - Parameter input: `[N, C, H, W]` with the network's C, H and W.
  /// - Returns: `[N]` and `outputShape`.
  public func run(_ input: Tensor) -> Tensor { run(input) { _ in } }

  /// Computes all output nodes in one run.
  ///
  /// - Parameter input: `[N, C, H, W]` with the network's C, H and W.
  /// - Returns: by the name of the node, `[N]` and the shape of its result. It has the same bits as
  ///   from a plan that computes this node alone, unless another output lies between layers that are
  ///   fused otherwise, such as a convolution and its BatchNorm: these are then computed one after the
  ///   other, and round differently.
  public func runAll(_ input: Tensor) -> [String: Tensor] { runAll(input) { _ in } }

  /// The steps in order: the node whose result each makes, and what computes it.
  package var steps: [(node: String, kernel: String)] {
    switch engine {
    case .plain(let plan): plan.steps.map { ($0.output, "plain") }
    case .packed(let plan): plan.steps.map { ($0.output, $0.kernelName) }
    }
  }

  /// The same as `run`; `observe` receives the index in `steps` of each step when it has ended.
  package func run(_ input: Tensor, observe: (Int) -> Void) -> Tensor {
    guard let result = runAll(input, observe: observe)[outputs[0]] else {
      preconditionFailure("all outputs are computed")
    }
    return result
  }

  private func runAll(_ input: Tensor, observe: (Int) -> Void) -> [String: Tensor] {
    requireArgument(
      input.shape.count == 4 && Array(input.shape[1...]) == network.inputShape,
      "\(network.name) takes [N] + \(network.inputShape), not \(input.shape)")
    switch engine {
    case .plain(let plan): return plan.run(input, threads: threads, observe: observe)
    case .packed(let plan): return plan.run(input, threads: threads, observe: observe)
    }
  }
}
