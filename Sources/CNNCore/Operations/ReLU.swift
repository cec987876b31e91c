internal import CNNSystem

/// `max(x, 0)` for each element of a tensor of any shape; NaN stays NaN.
///
/// Works in place where the caller hands over the only reference to the elements.
public func relu(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
  var output = input
  output.withUnsafeMutableElements { elements in
    // The stretches are disjoint, and all threads have ended before anybody else reads.
    nonisolated(unsafe) let elements = elements
    Workers.forEachRange(count: elements.count, threads: threads) { range in
      for index in range { elements[index] = elements[index] < 0 ? 0 : elements[index] }
    }
  }
  return output
}
