internal import CNNCore

/// How a kind of layer is trained: its forward pass, what it saves, and its backward pass.
///
/// Every kind of layer conforms, in a file of its own in this folder. `TrainingPass` asks for the
/// conformance once, when it is made, so nothing else tells the kinds apart.
protocol TrainableLayer: LayerKind {
  /// What the backward pass needs of the forward pass, and no more: the saved activations. `Void`
  /// where shapes are enough.
  associatedtype Saved: Sendable

  /// The output of the layer in training mode.
  ///
  /// - Parameters:
  ///   - inputs: one for each input of the node. Where the caller hands over the only reference to
  ///     the elements of one, they may be overwritten.
  ///   - context: the node, its parameters and the randomness of the step.
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Saved>

  /// The gradients of the inputs and of the trained parameters.
  ///
  /// - Parameters:
  ///   - saved: what `forward` has saved.
  ///   - outputGradient: the gradient of the output, in its shape; may be overwritten like an input.
  ///   - context: that of the forward pass.
  func backward(
    _ saved: Saved, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients
}

/// What a layer makes in the forward pass of training.
struct LayerForward<Saved: Sendable> {
  var output: Tensor
  let saved: Saved
  /// New running statistics by parameter name, where the layer measures the batch.
  var statistics: [String: Tensor] = [:]
}

/// What the backward pass of one layer gives.
struct LayerGradients {
  /// For each input of the node, or nil where nothing before it is trained.
  var inputs: [Tensor?] = []
  /// By parameter name.
  var parameters: [(name: String, gradient: ParameterGradient)] = []
}

/// What a layer knows in one training step.
struct LayerContext {
  let node: TrainingNode
  let parameters: TrainingParameters
  let randomness: TrainingRandomness
  let kernels: KernelSet
  let threads: Int

  /// The full name of the parameter of this node with a suffix such as `weight`.
  func name(_ suffix: String) -> String { "\(node.name).\(suffix)" }

  /// The parameter of this node with a suffix such as `weight`, in the order of memory.
  func parameter(_ suffix: String) -> Tensor { parameters.elements(name(suffix)) }

  /// The shape `[N, ...]` of each input, for as many pictures as `gradient` has.
  func inputShapes(_ gradient: borrowing Tensor) -> [[Int]] {
    let count = gradient.shape[0]
    return node.node.inputShapes.map { [count] + $0 }
  }
}

// MARK: Layers of one input without parameters

extension TrainableLayer where Self: UnaryLayer, Saved == Void {
  /// In training as at inference; nothing is saved.
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Void> {
    LayerForward(output: run(inputs, threads: context.threads), saved: ())
  }
}

// MARK: Saved activations of any kind

/// The saved activations of one layer, with the layer that knows what to do with them.
protocol SavedActivations: Sendable {
  /// See `TrainableLayer.backward`.
  func backward(_ outputGradient: consuming Tensor, _ context: LayerContext) -> LayerGradients
}

private struct Activations<Kind: TrainableLayer>: SavedActivations {
  let kind: Kind
  let saved: Kind.Saved

  func backward(_ outputGradient: consuming Tensor, _ context: LayerContext) -> LayerGradients {
    kind.backward(saved, outputGradient, context)
  }
}

extension TrainableLayer {
  /// The forward pass, whose saved activations have a type that does not name the kind.
  func forwardSaving(
    _ inputs: consuming [Tensor], _ context: LayerContext
  ) -> LayerForward<any SavedActivations> {
    let result = forward(inputs, context)
    return LayerForward(
      output: result.output, saved: Activations(kind: self, saved: result.saved),
      statistics: result.statistics)
  }
}
