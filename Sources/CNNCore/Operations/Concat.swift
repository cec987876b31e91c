/// Tensors one after the other along the channels: inputs `[N, Ci, H, W]`, result
/// `[N, sum of Ci, H, W]`. Precondition: at least one input, and equal N, H and W.
public func concat(_ inputs: [Tensor]) -> Tensor {
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
