package import CNNSystem

/// The sum of tensors of equal shape, element by element.
package struct Add: LayerKind, LayerOperation {
  /// The sum.
  package init() {}

  package static let name = "add"
  package static let inputCount = 1...1024
  package var layer: Layer { .add }
  package var summary: String { "add" }

  package init(from settings: LayerSettings.Reader) throws {}

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try requireJoinable(inputs, inputs.allSatisfy { $0 == inputs[0] })
    return inputs[0]
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    var inputs = inputs
    let first = inputs.removeFirst()
    return inputs.reduce(first) { self($0, $1, threads: threads) }
  }

  /// The sum of two tensors; works in place where the caller hands over the only reference to the
  /// elements of `first`.
  package func callAsFunction(
    _ first: consuming Tensor, _ second: Tensor, threads: Int = 1
  ) -> Tensor {
    precondition(first.shape == second.shape, "\(first.shape) and \(second.shape) do not add up")
    var output = first
    output.updateElements(threads: threads) { elements, range in
      second.withUnsafeElements { second in
        for index in range { elements[index] += second[index] }
      }
    }
    return output
  }
}

extension LayerKind {
  /// Refuses inputs that a layer cannot join, and shows all of their shapes.
  func requireJoinable(_ inputs: [[Int]], _ fit: Bool) throws(CNNError) {
    guard fit else {
      throw CNNError(
        .usage, .invalidShape, "its inputs do not fit together",
        found: inputs.map(\.shapeDescription).joined(separator: " and "))
    }
  }
}
