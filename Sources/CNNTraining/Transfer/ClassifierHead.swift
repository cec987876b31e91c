internal import CNNCore
public import CNNSystem

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

  /// Refuses a head that no network can have.
  ///
  /// - Throws: a `usage` error.
  public func validate() throws(CNNError) {
    // A dropout of 1 drops everything, and a model file with one beyond that could not be read.
    guard (0..<1).contains(dropout) else {
      throw CNNError(
        .usage, .unknown, "the dropout is out of range", found: "\(dropout)",
        expected: "at least 0 and less than 1")
    }
    guard let width = widths.first(where: { $0 < 1 }) else { return }
    throw CNNError(
      .usage, .unknown, "the width of a layer of the head is out of range", found: "\(width)",
      expected: "at least 1")
  }

  /// The steps behind a feature of the given shape, `[C, H, W]` or `[F]`.
  ///
  /// Two hidden layers are named as those of VGG and AlexNet: `fc6`, `fc7` and `fc8` for the last one.
  /// Other numbers of layers count from `fc1`.
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
