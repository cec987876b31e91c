/// One kind of layer with its settings; a network is a list of them. No weights here.
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

/// Settings of a 2-D convolution. Weight `[O, I / groups, kH, kW]`, bias `[O]`.
public struct Convolution: Sendable, Hashable {
  /// Output channels, O.
  public var channels: Int
  /// Kernel, stride and padding.
  public var window: Window
  /// Number of groups; input and output channels are split evenly among them.
  public var groups: Int
  /// Whether a bias is added to each output channel.
  public var hasBias: Bool

  /// A convolution from its settings.
  public init(
    channels: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid,
    groups: Int = 1, bias: Bool = true
  ) {
    self.channels = channels
    window = Window(kernel: kernel, stride: stride, padding: padding)
    self.groups = groups
    hasBias = bias
  }
}

/// Settings of local response normalisation:
/// `y = x / (bias + alpha * sum of x^2 over 2 * radius + 1 channels) ^ beta`.
///
/// `alpha` multiplies the plain sum, as in the paper and TensorFlow. Caffe and PyTorch divide
/// theirs by the number of channels first.
public struct LocalResponseNorm: Sendable, Hashable {
  /// Channels on each side that take part.
  public var radius: Int
  /// Factor of the sum of squares.
  public var alpha: Float
  /// Exponent.
  public var beta: Float
  /// The constant k.
  public var bias: Float

  /// A normalisation from its settings.
  public init(radius: Int, alpha: Float, beta: Float, bias: Float) {
    self.radius = radius
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  /// Caffe's `bvlc_alexnet`: local_size 5, alpha 1e-4 divided by 5, beta 0.75, k 1.
  public static let caffe = LocalResponseNorm(radius: 2, alpha: 2e-5, beta: 0.75, bias: 1)
  /// The AlexNet paper: n 5, alpha 1e-4, beta 0.75, k 2.
  public static let paper = LocalResponseNorm(radius: 2, alpha: 1e-4, beta: 0.75, bias: 2)
}

/// The order in which a feature map becomes a vector; the linear layer behind it was trained with
/// one of the two.
public enum FlattenOrder: String, Sendable, Hashable, Codable {
  /// C, H, W (PyTorch, Caffe): the order in memory, so nothing moves.
  case channelHeightWidth = "CHW"
  /// H, W, C (TensorFlow, Keras).
  case heightWidthChannel = "HWC"
}
