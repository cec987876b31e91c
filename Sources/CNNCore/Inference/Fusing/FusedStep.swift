/// One pass over memory: a node, or several nodes that one kernel computes together.
struct FusedStep: Sendable {
  /// The node whose result this is: the last of the joined ones.
  let output: String
  /// The results that it reads; a residual stands last.
  let inputs: [String]
  let operation: FusedOperation
}

/// What a step computes.
enum FusedOperation: Sendable {
  /// A convolution and what follows it.
  case convolution(FusedConvolution)
  /// A sum of two maps, perhaps with the ReLU behind it.
  case add(relu: Bool)
  /// A node for itself.
  case node(Network.Node)
}

/// A convolution with the layers behind it that can be done to its sums before they are stored.
struct FusedConvolution: Sendable {
  /// The convolution.
  let node: Network.Node
  /// Its settings.
  let settings: Convolution
  /// The BatchNorm that is folded into its weights.
  var norm: Network.Node?
  /// Whether another map is added to the result.
  var addsResidual = false
  /// Whether ReLU is taken, after the sum.
  var relu = false
  /// Whether the largest of each 2x2 results is kept.
  var pools = false

  /// The size of the map that it reads.
  var inputExtent: Extent {
    Extent(height: node.inputShapes[0][1], width: node.inputShapes[0][2])
  }
  /// The size of its own result, before pooling.
  var outputExtent: Extent {
    Extent(height: node.outputShape[1], width: node.outputShape[2])
  }
  /// Channels of the map that it reads.
  var inputChannels: Int { node.inputShapes[0][0] }
}
