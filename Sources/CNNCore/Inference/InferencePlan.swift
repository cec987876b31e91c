internal import CNNSystem

/// A network with its parameters, prepared to be run: BatchNorm folded into the convolutions before
/// it, dropout gone, and for every intermediate result the step after which it can be forgotten.
///
/// A plan is immutable: any number of tasks may run it at once, each with memory of its own. The
/// result is the same bits for any thread count and any batch size.
public struct InferencePlan: Sendable {
  /// The network, or the part of it that is computed.
  public let network: Network
  /// Worker threads a run may use.
  public let threads: Int
  private let steps: [PreparedStep]

  /// Prepares `network` to compute its last node, or another one.
  ///
  /// - Parameters:
  ///   - network: what to compute.
  ///   - parameters: its parameters; linear weights are used where they lie.
  ///   - output: the node whose result `run` returns; nil for the last one.
  ///   - threads: worker threads; nil for one on each processor.
  public init(
    network: Network, parameters: Parameters, output: String? = nil, threads: Int? = nil
  ) {
    let network = output.map { network.truncated(after: $0) } ?? network
    self.network = network
    self.threads = threads ?? Workers.availableProcessors
    steps = PreparedStep.prepare(network, parameters)
  }

  /// Shape of the result of one picture, without the batch.
  public var outputShape: [Int] { network.nodes.last?.outputShape ?? network.inputShape }

  /// Computes the output node.
  ///
  /// - Parameter input: `[N, C, H, W]` with the network's C, H and W.
  /// - Returns: `[N]` and `outputShape`.
  public func run(_ input: Tensor) -> Tensor {
    precondition(
      input.shape.count == 4 && Array(input.shape[1...]) == network.inputShape,
      "\(network.name) takes [N] + \(network.inputShape), not \(input.shape)")
    var results = [Network.inputName: input]
    for step in steps {
      let inputs = step.takeInputs(from: &results)
      results[step.output] = step.run(inputs, threads: threads)
    }
    guard let output = results[network.nodes.last?.name ?? Network.inputName] else {
      preconditionFailure("the last node was computed last")
    }
    return output
  }
}
