internal import CNNCore
internal import CNNSystem

/// The gradient of the input of a ReLU, any shape: that of the result where the result is
/// positive, otherwise 0 (at 0 too, as in PyTorch).
///
/// Works in place where the caller hands over the only reference to the gradient.
func reluInputGradient(
  output: Tensor, outputGradient: consuming Tensor, threads: Int
) -> Tensor {
  var result = outputGradient
  result.withUnsafeMutableElements { elements in
    // The stretches are disjoint, and all threads have ended before anybody else reads.
    nonisolated(unsafe) let elements = elements
    Workers.forEachRange(count: elements.count, threads: threads) { range in
      output.withUnsafeElements { output in
        for index in range { elements[index] = output[index] > 0 ? elements[index] : 0 }
      }
    }
  }
  return result
}
