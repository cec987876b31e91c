internal import CNNSystem

/// Collects the nodes of a network; each reads the one before it unless others are named.
struct NetworkBuilder {
  private let name: String
  private let inputShape: [Int]
  private var steps: [(name: String, layer: Layer, inputs: [String])] = []

  init(name: String, options: NetworkOptions) {
    self.name = name
    inputShape = [options.inputChannels, options.inputSize.height, options.inputSize.width]
  }

  /// The name of the newest node.
  var last: String { steps.last?.name ?? Network.inputName }

  /// Appends a node that reads the newest one.
  mutating func add(_ name: String, _ layer: Layer) {
    add(name, layer, from: [last])
  }

  /// Appends a node that reads the nodes `inputs`.
  mutating func add(_ name: String, _ layer: Layer, from inputs: [String]) {
    steps.append((name, layer, inputs))
  }

  /// Appends a convolution and a ReLU.
  mutating func addConvolution(
    _ name: String, relu: String, channels: Int, kernel: Extent, stride: Extent = 1,
    padding: Padding = .valid, groups: Int = 1
  ) {
    add(
      name,
      .convolution(
        Convolution(
          channels: channels, kernel: kernel, stride: stride, padding: padding, groups: groups)))
    add(relu, .relu)
  }

  /// Appends a convolution, padded so that it keeps the size at stride 1, and a BatchNorm.
  mutating func addNormalizedConvolution(
    _ name: String, norm: String, channels: Int, kernel: Int, stride: Int = 1, bias: Bool = false,
    epsilon: Float = 1e-5, from input: String? = nil
  ) {
    let settings = Convolution(
      channels: channels, kernel: Extent(square: kernel), stride: Extent(square: stride),
      padding: .explicit(kernel / 2), bias: bias)
    add(name, .convolution(settings), from: [input ?? last])
    add(norm, .batchNorm(epsilon: epsilon))
  }

  /// Appends the sum of a residual branch and its shortcut, and a ReLU.
  mutating func addResidualSum(_ prefix: String, residual: String, shortcut: String) {
    add("\(prefix).add", .add, from: [residual, shortcut])
    add("\(prefix).relu", .relu)
  }

  /// Appends the classifier that AlexNet and VGG share: flatten, `fc6`, `fc7`, `fc8`, softmax,
  /// with ReLU after the first two.
  ///
  /// - Parameter dropout: whether each dropout is before or after its linear layer.
  mutating func addClassifier(dropout: DropoutPosition, width: Int = 4096, classes: Int) {
    add("flatten", .flatten(.channelHeightWidth))
    for number in [6, 7] {
      if dropout == .beforeLinear { add("drop\(number)", .dropout(rate: 0.5)) }
      add("fc\(number)", .linear(outputs: width))
      add("relu\(number)", .relu)
      if dropout == .afterLinear { add("drop\(number)", .dropout(rate: 0.5)) }
    }
    add("fc8", .linear(outputs: classes))
    add("prob", .softmax)
  }

  enum DropoutPosition {
    case beforeLinear, afterLinear
  }

  /// The network. Throws `invalidShape` where the input size does not fit.
  func build() throws(CNNError) -> Network {
    try Network(name: name, inputShape: inputShape, steps: steps)
  }
}
