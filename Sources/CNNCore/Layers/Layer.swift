/// One layer with its settings; a network is a list of them. A layer has no weights.
///
/// The cases carry the settings that a caller writes. What all kinds of layers have, such as shapes
/// and parameters, comes from `kind`: it is the only switch over all cases.
public enum Layer: Sendable, Hashable {
  /// 2-D convolution (cross-correlation, as everywhere in the field).
  case convolution(Convolution)
  /// Largest value of each window; padding never wins.
  case maxPool(Window)
  /// Mean of each window over the elements inside the input.
  case averagePool(Window)
  /// Mean over cells that divide the input evenly into this many rows and columns.
  case adaptiveAveragePool(Extent)
  /// Mean of each channel: `[N, C, H, W]` to `[N, C]`.
  case globalAveragePool
  /// Normalisation across channels (AlexNet, section 3.3).
  case localResponseNorm(LocalResponseNorm)
  /// Normalisation by running statistics, `epsilon` added to the variance (arXiv 1502.03167).
  case batchNorm(epsilon: Float)
  /// `max(x, 0)`.
  case relu
  /// Identity at inference; in training each element is dropped with this probability.
  case dropout(rate: Float)
  /// Matrix product with a weight `[out, in]`, plus a bias `[out]`.
  case linear(outputs: Int)
  /// `[N, C, H, W]` to `[N, C * H * W]`.
  case flatten(FlattenOrder)
  /// Sum of its inputs, element by element.
  case add
  /// Its inputs one after the other along the channels.
  case concat
  /// Every `stride`-th row and column, with zero channels added evenly before and after: the
  /// parameter-free shortcut "option A" of ResNet (arXiv 1512.03385, section 3.3).
  case zeroPaddedShortcut(channels: Int, stride: Int)
  /// Probabilities over the last dimension.
  case softmax
}

extension Layer {
  /// The description of this layer: its shapes, parameters, JSON and plain operation.
  package var kind: any LayerKind {
    switch self {
    case .convolution(let settings): settings
    case .maxPool(let window): MaxPool(window)
    case .averagePool(let window): AveragePool(window)
    case .adaptiveAveragePool(let size): AdaptiveAveragePool(size)
    case .globalAveragePool: GlobalAveragePool()
    case .localResponseNorm(let settings): settings
    case .batchNorm(let epsilon): BatchNorm(epsilon: epsilon)
    case .relu: ReLU()
    case .dropout(let rate): Dropout(rate: rate)
    case .linear(let outputs): Linear(outputs: outputs)
    case .flatten(let order): Flatten(order)
    case .add: Add()
    case .concat: Concat()
    case .zeroPaddedShortcut(let channels, let stride):
      ZeroPaddedShortcut(channels: channels, stride: stride)
    case .softmax: Softmax()
    }
  }

  /// Every kind, so that a model file can name it.
  package static let kinds: [any LayerKind.Type] = [
    Convolution.self, MaxPool.self, AveragePool.self, AdaptiveAveragePool.self,
    GlobalAveragePool.self, LocalResponseNorm.self, BatchNorm.self, ReLU.self, Dropout.self,
    Linear.self, Flatten.self, Add.self, Concat.self, ZeroPaddedShortcut.self, Softmax.self,
  ]
}

extension Layer: CustomStringConvertible {
  /// The layer and its settings in a few words: `conv 3x3, pad 1`.
  public var description: String { kind.summary }
}
