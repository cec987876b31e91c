package import CNNCore
internal import CNNSystem

/// Forward and backward through the part of a network that is trained.
///
/// The part begins after a node whose outputs are given (the feature cache), or at the picture,
/// and ends at the logits. A pass is immutable; parameters and results are values. One training
/// step is
///
///     let forward = pass.forward(input, parameters: parameters, randomness: randomness)
///     let loss = SoftmaxCrossEntropy()(forward.logits, labels: labels)
///     let gradients = pass.backward(
///       forward, logitsGradient: loss.logitsGradient, parameters: parameters,
///       randomness: randomness)
///     optimizer.step(&parameters, gradients, &state, rate: rate, threads: pass.threads)
///
/// Where its parts lie:
/// - here: the pass, its forward and its backward, and what they return.
/// - `TrainingNode`: a node with what its backward pass has to give.
/// - `TrainableLayer`: what each kind of layer does forward and backward, and what it saves in
///   between (`SavedActivations`). Each kind conforms in a file `<Kind>+training.swift`.
/// - `TrainingRandomness`: what dropout drops.
/// - `TrainingParameters` and `ParameterGradient`, in the folder Parameters, and the optimisers that
///   join the two, in Optimization.
package struct TrainingPass: Sendable {
  /// The nodes that are computed, in order.
  package let nodes: [Network.Node]
  /// The name of what `forward` takes: a node, or `Network.inputName`.
  package let input: String
  /// The parameters that are trained, in the order of the nodes.
  package let trainedParameters: [ParameterDescription]
  /// The kernels of linear layers.
  package let kernels: KernelSet
  /// Worker threads.
  package let threads: Int
  private let prepared: [TrainingNode]

  /// Prepares the part of `network` from `features` to its logits.
  ///
  /// - Parameters:
  ///   - network: the whole network.
  ///   - features: the node whose outputs are given, see `Network.featureNode`; nil for the
  ///     picture. Precondition: no node after it reads a result from before it.
  ///   - frozen: names of nodes whose parameters stay; batch normalisations among them use their
  ///     running statistics.
  ///   - statistics: those of the batch normalisations that are trained.
  ///   - kernels: those of linear layers; by default what `CNN_KERNELS` says, or the fastest.
  ///   - threads: worker threads; nil for what `CNN_THREADS` says, or one for each processor.
  package init(
    network: Network, features: String? = nil, frozen: Set<String> = [],
    statistics: NormStatistics = .batch, kernels: KernelSet = .automatic, threads: Int? = nil
  ) {
    let part = network.truncated(after: network.logitsNode.name)
    let input = features ?? Network.inputName
    let first = features.map { name in
      guard let index = part.nodes.firstIndex(where: { $0.name == name }) else {
        fatalError("\(name) does not lead to the logits")
      }
      return index + 1
    }
    nodes = Array(part.nodes[(first ?? 0)...])
    self.input = input
    self.kernels = kernels
    self.threads = threads ?? Workers.defaultCount
    prepared = TrainingNode.prepare(nodes, input: input, frozen: frozen, statistics: statistics)
    trainedParameters = nodes.filter { !frozen.contains($0.name) }
      .flatMap { $0.parameters.filter { $0.role != .statistic } }
  }

  /// The node whose output `forward` returns.
  private var output: String { nodes.last?.name ?? input }

  private func context(
    _ node: TrainingNode, _ parameters: TrainingParameters, _ randomness: TrainingRandomness
  ) -> LayerContext {
    LayerContext(
      node: node, parameters: parameters, randomness: randomness, kernels: kernels,
      threads: threads)
  }
}

// MARK: Forward

/// The result of a forward pass in training, with what the backward pass needs of it.
package struct TrainingForward: Sendable {
  /// The output of the last node, `[N, classes]`.
  package let logits: Tensor
  /// The running mean and variance of each batch normalisation that measured the batch, as they
  /// are after it; by parameter name.
  package let statistics: [String: Tensor]
  /// What each node saved, in the order of the nodes; nil where the backward pass does not come.
  fileprivate let saved: [(any SavedActivations)?]
}

extension TrainingPass {
  /// Computes the logits in training mode: dropout drops, trained batch normalisations use the
  /// statistics of the batch.
  ///
  /// - Parameters:
  ///   - input: outputs of the node `input`, `[N]` and its shape.
  ///   - parameters: those of `nodes`.
  ///   - randomness: seed and step.
  /// - Returns: the logits, and what `backward` needs. Parameters stay as they are: new running
  ///   statistics are returned, for the caller to use if the step is good.
  package func forward(
    _ input: Tensor, parameters: TrainingParameters, randomness: TrainingRandomness
  ) -> TrainingForward {
    var values = [self.input: input]
    var saved: [(any SavedActivations)?] = []
    var statistics: [String: Tensor] = [:]
    for node in prepared {
      let inputs = node.takeInputs(from: &values)
      let result = node.layer.forwardSaving(inputs, context(node, parameters, randomness))
      saved.append(node.isBackward ? result.saved : nil)
      statistics.merge(result.statistics) { _, new in new }
      values[node.name] = result.output
    }
    guard let logits = values[output] else { fatalError("the logits come last") }
    return TrainingForward(logits: logits, statistics: statistics, saved: saved)
  }
}

// MARK: Backward

extension TrainingPass {
  /// The gradients of the trained parameters; nothing is computed below the first of them.
  ///
  /// - Parameters:
  ///   - forward: the result of `forward`, consumed so that its memory is freed on the way.
  ///   - logitsGradient: the gradient of the loss, `[N, classes]`.
  ///   - parameters: those of the forward pass.
  ///   - randomness: that of the forward pass.
  package func backward(
    _ forward: consuming TrainingForward, logitsGradient: Tensor,
    parameters: TrainingParameters, randomness: TrainingRandomness
  ) -> ParameterGradients {
    var saved = forward.saved
    var gradients = [output: logitsGradient]
    var result: [[(name: String, gradient: ParameterGradient)]] = []
    for node in prepared.reversed() {
      guard let activations = saved.removeLast(),
        let gradient = gradients.removeValue(forKey: node.name)
      else { continue }
      let found = activations.backward(gradient, context(node, parameters, randomness))
      result.append(found.parameters)
      for (name, gradient) in zip(node.node.inputs, found.inputs) {
        guard let gradient else { continue }
        // A result that several nodes read has the sum of their gradients.
        gradients[name] =
          gradients.removeValue(forKey: name)
          .map { Add()($0, gradient, threads: threads) } ?? gradient
      }
    }
    return ParameterGradients(entries: result.reversed().flatMap(\.self))
  }
}
