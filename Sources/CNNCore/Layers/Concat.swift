package import CNNSystem

/// Tensors one after the other along the channels: inputs `[N, Ci, H, W]`, result
/// `[N, sum of Ci, H, W]`.
package struct Concat: LayerKind, LayerOperation {
  /// The concatenation.
  package init() {}

  package static let name = "concat"
  package static let inputCount = 1...1024
  package var layer: Layer { .concat }
  package var summary: String { "concat" }

  package init(from settings: LayerSettings.Reader) throws {}

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    let plane = inputs[0].dropFirst()
    try requireJoinable(inputs, inputs.allSatisfy { $0.dropFirst() == plane })
    try requireMap(inputs[0])
    return [inputs.reduce(0) { $0 + $1[0] }] + plane
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor { self(inputs) }

  /// The joined tensor. Precondition: at least one input, and equal N, H and W.
  package func callAsFunction(_ inputs: [Tensor]) -> Tensor {
    precondition(inputs.allSatisfy { $0.shape.count == 4 }, "the inputs are [N, Ci, H, W]")
    guard let first = inputs.first else { preconditionFailure("nothing to join") }
    precondition(
      inputs.allSatisfy { $0.shape[0] == first.shape[0] && $0.shape[2...] == first.shape[2...] },
      "the inputs differ in N, H or W: \(inputs.map(\.shape))")
    var shape = first.shape
    shape[1] = inputs.reduce(0) { $0 + $1.shape[1] }
    return Tensor(uninitialized: shape) { target in
      var position = 0
      for picture in 0..<shape[0] {
        for input in inputs {
          let size = input.count / shape[0]
          input.withUnsafeElements { source in
            let piece = source[(picture * size)..<((picture + 1) * size)]
            position = target[position...].update(fromContentsOf: piece)
          }
        }
      }
    }
  }
}
