public import CNNCore

/// Padding as the fixture scripts write it: `"valid"`, `"same"` or `[top, left, bottom, right]`.
public struct FixturePadding: Decodable, Sendable {
  /// The padding itself.
  public let padding: Padding

  /// Reads one of the three forms.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let edges = try? container.decode([Int].self) {
      padding = .explicit(
        Padding.Edges(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]))
    } else {
      padding = try container.decode(String.self) == "same" ? .same : .valid
    }
  }
}

extension Extent {
  /// An extent from a pair `[height, width]`.
  public init(_ pair: [Int]) { self.init(height: pair[0], width: pair[1]) }
}

extension Tensor {
  /// Numbers in [-1, 1), the same as in the script.
  public init(synthetic shape: [Int], stream: Int) {
    let count = Tensor.elementCount(of: shape)
    self.init(shape: shape, elements: SyntheticNumbers.uniform(count: count, stream: stream))
  }

  /// Each element after `transform`.
  public func mapped(_ transform: (Float) -> Float) -> Tensor {
    Tensor(shape: shape, elements: elements.map(transform))
  }

  /// The bits of each element, for comparisons that tell 0 from -0 and one NaN from another.
  public var bitPatterns: [UInt32] { elements.map(\.bitPattern) }
}
