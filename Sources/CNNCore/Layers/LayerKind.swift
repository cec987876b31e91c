package import CNNSystem

/// What a kind of layer is: its shapes, its parameters, its JSON in a model file, and the plain
/// operation that computes it.
///
/// Conforming types hold the settings of one kind. A second protocol, `TrainableLayer` in
/// CNNTraining, adds the backward pass, which a program that only classifies does not need.
package protocol LayerKind: Sendable {
  /// What a model file calls the kind, such as `maxPool`.
  static var name: String { get }

  /// How many inputs a node may have. One, unless the kind joins several.
  static var inputCount: ClosedRange<Int> { get }

  /// The case of `Layer` that carries these settings.
  var layer: Layer { get }

  /// The layer in a few words, for a table: `conv 3x3, pad 1`.
  var summary: String { get }

  /// Reads the settings from a model file, which may hold anything: what is out of range is refused.
  init(from settings: LayerSettings.Reader) throws

  /// Writes the settings that `init(from:)` reads.
  func write(to settings: inout LayerSettings.Writer) throws

  /// The shape of the result, without the batch.
  ///
  /// - Parameter inputs: shapes without the batch; as many as `inputCount` allows.
  /// - Throws: `invalidShape` for settings or inputs that cannot be computed. The caller adds the
  ///   network and the node.
  func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int]

  /// The parameters, in the order PyTorch lists them.
  ///
  /// - Parameter input: the shape of the first input, without the batch.
  func parameters(input: [Int]) -> [LayerParameter]

  /// The multiplications of one picture, each with an addition, as the factors of a product that
  /// may be too large for an `Int`. Only convolution and linear layers count, as in the published
  /// tables.
  func multiplyAddFactors(input: [Int], output: [Int]) -> [Int]

  /// Elements that the plain operation needs at a time beside its inputs and its result.
  func scratchCount(input: [Int], output: [Int]) -> Int

  /// The plain operation.
  ///
  /// - Parameter parameter: gives the parameter of this layer that has a suffix such as `weight`.
  func operation(_ parameter: (_ suffix: String) -> ParameterArray) -> any LayerOperation
}

/// A layer with its parameters in the form in which they are used: computes on whole tensors.
package protocol LayerOperation: Sendable {
  /// The result for a batch. Where the caller hands over the only reference to the elements of an
  /// input, they may be overwritten.
  ///
  /// - Parameters:
  ///   - inputs: `[N]` and the shapes that the layer was described with.
  ///   - threads: how many may compute.
  func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor
}

/// A kind that has one input and no parameters: its settings are all that its operation needs.
package protocol UnaryLayer: LayerKind, LayerOperation {
  /// The result for a batch, which may reuse the memory of `input`.
  func callAsFunction(_ input: consuming Tensor, threads: Int) -> Tensor
}

extension UnaryLayer {
  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    var inputs = inputs
    return self(inputs.removeFirst(), threads: threads)
  }
}

// MARK: What most kinds have in common

extension LayerKind {
  package static var inputCount: ClosedRange<Int> { 1...1 }
  package func write(to settings: inout LayerSettings.Writer) throws {}
  package func parameters(input: [Int]) -> [LayerParameter] { [] }
  package func multiplyAddFactors(input: [Int], output: [Int]) -> [Int] { [0] }
  package func scratchCount(input: [Int], output: [Int]) -> Int { 0 }
}

extension LayerKind where Self: LayerOperation {
  package func operation(_ parameter: (String) -> ParameterArray) -> any LayerOperation { self }
}

// MARK: Rules of shapes

extension LayerKind {
  /// Refuses an input that is no feature map `[C, H, W]`.
  func requireMap(_ input: [Int]) throws(CNNError) {
    try require(input.count == 3, "it needs a feature map of channels, rows and columns", input)
  }

  /// Refuses `input`, in words, where the condition does not hold.
  func require(_ condition: Bool, _ problem: String, _ input: [Int]) throws(CNNError) {
    guard condition else {
      throw CNNError(.usage, .invalidShape, problem, found: input.shapeDescription)
    }
  }

  /// Refuses settings that no layer can have.
  func requireSetting(_ condition: Bool, _ problem: String) throws(CNNError) {
    guard condition else { throw CNNError(.usage, .invalidShape, problem) }
  }

  /// The rows and columns of the result where `window` slides over a feature map.
  func slide(_ window: Window, over input: [Int]) throws(CNNError) -> [Int] {
    let (kernel, stride) = (window.kernel, window.stride)
    try requireSetting(
      min(kernel.height, kernel.width, stride.height, stride.width) >= 1,
      "kernel and stride must be at least 1")
    let size = Extent(height: input[1], width: input[2])
    let edges = window.edges(input: size)
    try requireSetting(
      min(edges.top, edges.left, edges.bottom, edges.right) >= 0, "padding cannot be negative")
    guard let output = window.outputExtent(input: size) else {
      throw CNNError(
        .usage, .invalidShape, "the picture has become smaller than the kernel",
        found: "a \(size) feature map", expected: "at least \(smallestInput(window))")
    }
    return [output.height, output.width]
  }

  private func smallestInput(_ window: Window) -> Extent {
    guard case .explicit(let edges) = window.padding else {
      return window.padding == .same ? 1 : window.kernel
    }
    return Extent(
      height: max(1, window.kernel.height - edges.top - edges.bottom),
      width: max(1, window.kernel.width - edges.left - edges.right))
  }
}

extension [Int] {
  /// A shape for people: `3 x 224 x 224`.
  public var shapeDescription: String { map(String.init).joined(separator: " x ") }
}
