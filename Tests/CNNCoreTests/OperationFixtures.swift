import CNNCore
import CNNTestSupport

/// Settings of a window as `Scripts/fixtures/operations.py` writes them: `[height, width]` pairs,
/// and padding as `"valid"`, `"same"` or `[top, left, bottom, right]`.
struct FixturePadding: Decodable, Sendable {
  let padding: Padding

  init(from decoder: any Decoder) throws {
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
  init(_ pair: [Int]) { self.init(height: pair[0], width: pair[1]) }
}

extension Tensor {
  /// Numbers in [-1, 1), the same as in the script.
  init(synthetic shape: [Int], stream: Int) {
    let count = Tensor.elementCount(of: shape)
    self.init(shape: shape, elements: SyntheticNumbers.uniform(count: count, stream: stream))
  }

  /// Each element after `transform`.
  func mapped(_ transform: (Float) -> Float) -> Tensor {
    Tensor(shape: shape, elements: elements.map(transform))
  }

  /// The bits of each element, for comparisons that tell 0 from -0 and one NaN from another.
  var bitPatterns: [UInt32] { elements.map(\.bitPattern) }
}
