internal import CNNSystem

/// Matrix product with a weight: input `[N, in]`, weight `[out, in]`, bias `[out]`, result
/// `[N, out]`.
///
///     result[n, o] = bias[o] + sum over i of input[n, i] * weight[o, i]
///
/// The weight is read where it lies, at any byte address and in either memory layout: at small N
/// the time is that of reading it once, so a copy or transposition would cost more than the
/// product. The order of each sum follows from the weight's shape and layout alone, so the bits
/// depend on neither `threads` nor N.
public func linear(
  _ input: Tensor, weight: ParameterArray, bias: Tensor?, threads: Int = 1
) -> Tensor {
  precondition(input.shape.count == 2, "the input is [N, in]")
  precondition(
    weight.shape.count == 2 && weight.shape[1] == input.shape[1], "the weight is [out, in]")
  let (count, outputs) = (input.shape[0], weight.shape[0])
  precondition(bias.map { $0.shape == [outputs] } ?? true, "the bias is [out]")
  return Tensor(uninitialized: [count, outputs]) { result in
    for picture in 0..<count {
      let row = result[(picture * outputs)..<((picture + 1) * outputs)]
      fill(UnsafeMutableBufferPointer(rebasing: row), with: bias)
    }
    // The stretches of outputs are disjoint, and all threads have ended before anybody reads.
    nonisolated(unsafe) let result = result
    Workers.forEachRange(count: (outputs + panel - 1) / panel, threads: threads) { panels in
      let range = (panels.lowerBound * panel)..<min(panels.upperBound * panel, outputs)
      input.withUnsafeElements { input in
        weight.bytes.withUnsafeBytes { bytes in
          guard let input = input.baseAddress, let bytes = bytes.baseAddress,
            let result = result.baseAddress
          else { return }
          let product = LinearProduct(
            count: count, inputs: weight.shape[1], outputs: outputs, input: input, weight: bytes,
            result: result)
          switch weight.layout {
          case .outputInput: product.addOutputInput(range)
          case .inputOutput: product.addInputOutput(range)
          }
        }
      }
    }
  }
}

/// Outputs in a unit of work: a cache line of the result.
private let panel = 16

private func fill(_ row: UnsafeMutableBufferPointer<Float>, with bias: Tensor?) {
  if let bias {
    bias.withUnsafeElements { _ = row.update(fromContentsOf: $0) }
  } else {
    row.update(repeating: 0)
  }
}
