internal import CNNCore
internal import CNNSystem

/// A new classifier on the features of a network without its own: linear layers with ReLU and
/// dropout behind each, and one more for the classes.
public struct ClassifierHead: Sendable, Hashable, Codable {
  /// Outputs of each hidden layer; may be empty.
  public var widths: [Int]
  /// The share of hidden outputs that a training step drops, at least 0 and below 1.
  public var dropout: Double

  /// A head; VGG's and AlexNet's is `ClassifierHead(widths: [4096, 4096])`.
  public init(widths: [Int] = [], dropout: Double = 0.5) {
    self.widths = widths
    self.dropout = dropout
  }

  /// The steps behind a feature of the given shape, `[C, H, W]` or `[F]`.
  ///
  /// The layers are numbered behind the convolutions as VGG's and AlexNet's are where there are
  /// two hidden ones: `fc6`, `fc7`, `fc8`; otherwise from 1.
  func steps(
    behind input: String, shape: [Int], classes: Int
  ) -> [(name: String, layer: Layer, inputs: [String])] {
    var steps: [(name: String, layer: Layer, inputs: [String])] = []
    func add(_ name: String, _ layer: Layer) {
      steps.append((name, layer, [steps.last?.name ?? input]))
    }
    if shape.count > 1 { add("flatten", .flatten(.channelHeightWidth)) }
    let first = widths.count == 2 ? 6 : 1
    for (index, width) in widths.enumerated() {
      let number = first + index
      add("fc\(number)", .linear(outputs: width))
      add("relu_fc\(number)", .relu)
      if dropout > 0 { add("drop_fc\(number)", .dropout(rate: Float(dropout))) }
    }
    add("fc\(first + widths.count)", .linear(outputs: classes))
    add("prob", .softmax)
    return steps
  }
}
