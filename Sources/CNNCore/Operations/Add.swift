internal import CNNSystem

/// The sum of two tensors of equal shape, element by element.
///
/// Works in place where the caller hands over the only reference to the elements of `first`.
public func add(_ first: consuming Tensor, _ second: Tensor, threads: Int = 1) -> Tensor {
  precondition(first.shape == second.shape, "\(first.shape) and \(second.shape) do not add up")
  var output = first
  output.withUnsafeMutableElements { elements in
    // The stretches are disjoint, and all threads have ended before anybody else reads.
    nonisolated(unsafe) let elements = elements
    Workers.forEachRange(count: elements.count, threads: threads) { range in
      second.withUnsafeElements { second in
        for index in range { elements[index] += second[index] }
      }
    }
  }
  return output
}
