package import CNNSystem

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

extension Convolution: LayerKind {
  package static let name = "convolution"
  package var layer: Layer { .convolution(self) }
  package var summary: String {
    "conv \(window)" + (groups > 1 ? ", groups \(groups)" : "")
  }

  package init(from settings: LayerSettings.Reader) throws {
    let window = try settings.window()
    self.init(
      channels: try settings.count("channels"), kernel: window.kernel,
      groups: try settings.count("groups"), bias: try settings.value("bias", as: Bool.self))
    self.window = window
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(channels, "channels")
    try settings.write(window)
    try settings.write(groups, "groups")
    try settings.write(hasBias, "bias")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    let input = inputs[0]
    try requireMap(input)
    try requireSetting(groups >= 1, "the number of groups must be at least 1")
    try require(
      input[0] % groups == 0 && channels % groups == 0,
      "its channels cannot be split into \(groups) groups", input)
    return [channels] + (try slide(window, over: input))
  }

  package func parameters(input: [Int]) -> [LayerParameter] {
    let weight = [channels, input[0] / groups, window.kernel.height, window.kernel.width]
    return [LayerParameter("weight", weight, .weight)]
      + (hasBias ? [LayerParameter("bias", [channels], .bias)] : [])
  }

  /// Each weight is multiplied once at each position of the result.
  package func multiplyAddFactors(input: [Int], output: [Int]) -> [Int] {
    parameters(input: input)[0].shape + output[1...]
  }

  /// The patches under one row of the result, see `Im2col`.
  package func scratchCount(input: [Int], output: [Int]) -> Int {
    parameters(input: input)[0].shape[1...].reduce(output[2], *)
  }

  package func operation(_ parameter: (String) -> ParameterArray) -> any LayerOperation {
    plainOperation(parameter)
  }

  /// The same as `operation`, as the type that a BatchNorm can be folded into.
  package func plainOperation(_ parameter: (String) -> ParameterArray) -> ConvolutionOperation {
    ConvolutionOperation(
      weight: parameter("weight").tensor(), bias: hasBias ? parameter("bias").tensor() : nil,
      window: window, groups: groups)
  }
}

/// 2-D convolution: input `[N, C, H, W]`, weight `[O, C / groups, kH, kW]`, bias `[O]`, result
/// `[N, O, oH, oW]`.
///
///     result[n, o, y, x] = bias[o] + sum over c, i, j of
///       weight[o, c, i, j] * input[n, c, y * stride + i - top, x * stride + j - left]
///
/// (a cross-correlation, as everywhere in the field), with `oH = (H + top + bottom - kH) / stride
/// + 1`. Input and output channels are split evenly into `groups`, and each group of outputs reads
/// only its group of inputs (AlexNet, section 3.5).
///
/// Computed as matrix products by im2col. The bits are the same for any number of threads and any N.
package struct ConvolutionOperation: LayerOperation {
  /// `[O, C / groups, kH, kW]`.
  package let weight: Tensor
  /// `[O]`, or nil for none.
  package let bias: Tensor?
  /// Kernel, stride and padding.
  package let window: Window
  /// Number of groups.
  package let groups: Int

  /// A convolution with its weights. Precondition: the shapes fit each other.
  package init(weight: Tensor, bias: Tensor?, window: Window, groups: Int = 1) {
    precondition(
      weight.shape.count == 4 && weight.shape[2...] == [window.kernel.height, window.kernel.width],
      "the weight is [O, C / groups, kH, kW]")
    precondition(groups > 0 && weight.shape[0] % groups == 0, "uneven groups")
    precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true, "the bias is [O]")
    self.weight = weight
    self.bias = bias
    self.window = window
    self.groups = groups
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    self(inputs[0], threads: threads)
  }

  /// The result for one batch.
  package func callAsFunction(_ input: Tensor, threads: Int = 1) -> Tensor {
    precondition(input.shape.count == 4, "the input is [N, C, H, W]")
    precondition(
      input.shape[1] == weight.shape[1] * groups, "the weight is [O, C / groups, kH, kW]")
    return ConvolutionProduct(self, input: input)(threads: threads)
  }
}
