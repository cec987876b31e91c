public import CNNCore

extension Tensor {
  /// The dimensions in another order, written out element by element.
  public func permuted(_ order: [Int]) -> Tensor {
    let shape = order.map { self.shape[$0] }
    var strides = [Int](repeating: 1, count: self.shape.count)
    for dimension in strides.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * self.shape[dimension + 1]
    }
    let source = elements
    var index = [Int](repeating: 0, count: shape.count)
    var result: [Float] = []
    result.reserveCapacity(source.count)
    for _ in source.indices {
      result.append(source[zip(index, order).reduce(0) { $0 + $1.0 * strides[$1.1] }])
      for dimension in index.indices.reversed() {
        index[dimension] += 1
        if index[dimension] < shape[dimension] { break }
        index[dimension] = 0
      }
    }
    return Tensor(shape: shape, elements: result)
  }
}
