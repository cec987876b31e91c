package import CNNSystem

/// Settings of a matrix product with a weight `[out, in]`, plus a bias `[out]`.
package struct Linear: LayerKind {
  /// Elements of the result, out.
  package let outputs: Int

  /// A layer with so many outputs.
  package init(outputs: Int) { self.outputs = outputs }

  package static let name = "linear"
  package var layer: Layer { .linear(outputs: outputs) }
  package var summary: String { "linear" }

  package init(from settings: LayerSettings.Reader) throws {
    self.init(outputs: try settings.count("outputs"))
  }

  package func write(to settings: inout LayerSettings.Writer) throws {
    try settings.write(outputs, "outputs")
  }

  package func outputShape(of inputs: [[Int]]) throws(CNNError) -> [Int] {
    try require(
      inputs[0].count == 1, "it needs a vector; flatten the feature map first", inputs[0])
    return [outputs]
  }

  package func parameters(input: [Int]) -> [LayerParameter] {
    [
      LayerParameter("weight", [outputs, input[0]], .weight),
      LayerParameter("bias", [outputs], .bias),
    ]
  }

  package func multiplyAddFactors(input: [Int], output: [Int]) -> [Int] { [outputs, input[0]] }

  package func operation(_ parameter: (String) -> ParameterArray) -> any LayerOperation {
    LinearOperation(weight: parameter("weight"), bias: parameter("bias").tensor())
  }
}

/// Matrix product with a weight: input `[N, in]`, weight `[out, in]`, bias `[out]`, result
/// `[N, out]`.
///
///     result[n, o] = bias[o] + sum over i of input[n, i] * weight[o, i]
///
/// The weight is read in place, at any byte address and in either memory layout. For small N the
/// product takes as long as reading the weight once, so copying or transposing it first would cost
/// more than the product. The order of each sum depends only on the shape and layout of the weight,
/// so the bits are the same for any number of threads and any N.
package struct LinearOperation: LayerOperation {
  private let weight: ParameterArray
  private let bias: Tensor?

  /// Outputs in a unit of work: a cache line of the result.
  private static let panel = 16

  /// A product with its weights. Precondition: the weight is a matrix, and the bias fits it.
  package init(weight: ParameterArray, bias: Tensor?) {
    precondition(weight.shape.count == 2, "the weight is [out, in]")
    precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true, "the bias is [out]")
    self.weight = weight
    self.bias = bias
  }

  package func run(_ inputs: consuming [Tensor], threads: Int) -> Tensor {
    self(inputs[0], threads: threads)
  }

  /// The result for one batch.
  package func callAsFunction(_ input: Tensor, threads: Int = 1) -> Tensor {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    precondition(input.shape.count == 2 && input.shape[1] == inputs, "the input is [N, in]")
    let count = input.shape[0]
    return Tensor(uninitialized: [count, outputs]) { result in
      for picture in 0..<count {
        let row = result[(picture * outputs)..<((picture + 1) * outputs)]
        fillWithBias(UnsafeMutableBufferPointer(rebasing: row))
      }
      // The ranges of outputs do not overlap, and all threads end before the result is read.
      nonisolated(unsafe) let result = result
      let panels = (outputs + Self.panel - 1) / Self.panel
      Workers.forEachRange(count: panels, threads: threads) { panels in
        let range =
          (panels.lowerBound * Self.panel)..<min(panels.upperBound * Self.panel, outputs)
        input.withUnsafeElements { input in
          weight.bytes.withUnsafeBytes { bytes in
            guard let input = input.baseAddress, let bytes = bytes.baseAddress,
              let result = result.baseAddress
            else { return }
            let product = LinearProduct(
              count: count, inputs: inputs, outputs: outputs, input: input, weight: bytes,
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

  private func fillWithBias(_ row: UnsafeMutableBufferPointer<Float>) {
    if let bias {
      bias.withUnsafeElements { _ = row.update(fromContentsOf: $0) }
    } else {
      row.update(repeating: 0)
    }
  }
}
