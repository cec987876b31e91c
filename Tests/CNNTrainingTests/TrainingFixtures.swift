import CNNCore
import CNNTestSupport

/// Padding as the fixture scripts write it: `"valid"`, `"same"` or `[top, left, bottom, right]`.
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
  /// Numbers in [-1, 1), the same as in the scripts.
  init(synthetic shape: [Int], stream: Int) {
    let count = Tensor.elementCount(of: shape)
    self.init(shape: shape, elements: SyntheticNumbers.uniform(count: count, stream: stream))
  }

  /// Each element after `transform`.
  func mapped(_ transform: (Float) -> Float) -> Tensor {
    Tensor(shape: shape, elements: elements.map(transform))
  }

  /// The bits of each element.
  var bitPatterns: [UInt32] { elements.map(\.bitPattern) }

  /// The sum of the products of the elements, in double precision.
  func dot(_ other: Tensor) -> Double {
    zip(elements, other.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// `self + factor * other`.
  func adding(_ factor: Float, _ other: Tensor) -> Tensor {
    Tensor(
      shape: shape, elements: zip(elements, other.elements).map { $0 + factor * $1 })
  }
}
