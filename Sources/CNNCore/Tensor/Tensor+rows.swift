extension Tensor {
  /// The pictures of several tensors as one batch.
  ///
  /// - Parameter tensors: at least one; `[N_i, ...]`, equal but for the first dimension.
  public init(rows tensors: [Tensor]) {
    guard let first = tensors.first else { preconditionFailure("a batch of no tensors") }
    if tensors.count == 1 {
      self = first
      return
    }
    let inner = first.shape.dropFirst()
    precondition(tensors.allSatisfy { $0.shape.dropFirst() == inner }, "rows of different shapes")
    self.init(uninitialized: [tensors.reduce(0) { $0 + $1.shape[0] }] + inner) { target in
      var offset = 0
      for tensor in tensors {
        tensor.withUnsafeElements { source in
          let part = UnsafeMutableBufferPointer(rebasing: target[offset..<offset + source.count])
          _ = part.update(fromContentsOf: source)
        }
        offset += tensor.count
      }
    }
  }

  /// Each picture of a batch `[N, ...]` as a tensor `[1, ...]` of its own.
  public var rows: [Tensor] {
    guard shape[0] != 1 else { return [self] }
    let inner = Array(shape.dropFirst())
    let size = Tensor.elementCount(of: inner)
    return withUnsafeElements { elements in
      (0..<shape[0]).map { row in
        Tensor(shape: [1] + inner, elements: elements[(row * size)..<((row + 1) * size)])
      }
    }
  }
}
