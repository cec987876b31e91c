internal import CNNSystem

/// A network with its parameters, prepared to be run: BatchNorm folded into the convolutions before
/// it, dropout gone, layers joined, weights in the order in which the kernels read them, and for
/// every intermediate result the step after which it can be forgotten.
///
/// A plan is immutable: any number of tasks may run it at once. It takes batches of any size, and
/// the result is the same bits for any thread count and any batch size.
public struct InferencePlan: Sendable {
  /// The network, or the part of it that is computed.
  public let network: Network
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
  ///   - threads: worker threads, at most `Workers.largestCount`; nil for what `CNN_THREADS` says, or one for each processor.
  ///   - options: which kernels compute it; by default what `CNN_KERNELS` says, or the fastest.
  public init(
    network: Network, parameters: Parameters, output: String? = nil, threads: Int? = nil,
    options: InferenceOptions = .automatic
  ) {
    let network = output.map { network.truncated(after: $0) } ?? network
    self.network = network
    self.threads = min(max(1, threads ?? Workers.defaultCount), Workers.largestCount)
    self.options = options
    let packed = PackedPlanBuilder.plan(
      network, parameters, options: options, threads: self.threads)
    engine = packed.map { .packed($0) } ?? .plain(PlainPlan(network, parameters))
  }

  /// Shape of the result of one picture, without the batch.
  public var outputShape: [Int] { network.nodes.last?.outputShape ?? network.inputShape }

  /// Computes the output node.
  ///
  /// - Parameter input: `[N, C, H, W]` with the network's C, H and W.
  /// - Returns: `[N]` and `outputShape`.
  public func run(_ input: Tensor) -> Tensor { run(input) { _ in } }

  /// The steps in order: the node whose result each makes, and what computes it.
  package var steps: [(node: String, kernel: String)] {
    switch engine {
    case .plain(let plan): plan.steps.map { ($0.output, "plain") }
    case .packed(let plan): plan.steps.map { ($0.output, $0.kernelName) }
    }
  }

  /// The same as `run`; `observe` is told the index in `steps` of each step when it has ended.
  package func run(_ input: Tensor, observe: (Int) -> Void) -> Tensor {
    requireArgument(
      input.shape.count == 4 && Array(input.shape[1...]) == network.inputShape,
      "\(network.name) takes [N] + \(network.inputShape), not \(input.shape)")
    switch engine {
    case .plain(let plan): return plan.run(input, threads: threads, observe: observe)
    case .packed(let plan): return plan.run(input, threads: threads, observe: observe)
    }
  }
}
