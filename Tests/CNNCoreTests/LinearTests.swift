import CNNCore
import CNNSystem
import CNNTestSupport
import Testing

@Suite struct LinearTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let inputs: Int
    let outputs: Int
    let output: FixtureTensor
    var testDescription: String { "\(inputs) to \(outputs)" }
  }

  static let cases = (try? Fixture("linear.json").decode([Case].self)) ?? []
  static let layouts: [ParameterArray.Layout] = [.outputInput, .inputOutput]

  /// A weight `[outputs, inputs]` in either layout, its first byte `misalignment` bytes behind an
  /// aligned address, as in a mapped file.
  private func weight(
    _ outputs: Int, _ inputs: Int, _ layout: ParameterArray.Layout, misalignment: Int = 0
  ) -> ParameterArray {
    let numbers = SyntheticNumbers.uniform(count: outputs * inputs, stream: 1)
    let size = numbers.count * MemoryLayout<Float>.stride
    let bytes = Bytes(count: misalignment + size) { target in
      for output in 0..<outputs {
        for input in 0..<inputs {
          let index = layout == .outputInput ? output * inputs + input : input * outputs + output
          target.storeBytes(
            of: numbers[output * inputs + input],
            toByteOffset: misalignment + index * MemoryLayout<Float>.stride, as: Float.self)
        }
      }
    }
    return ParameterArray(
      shape: [outputs, inputs], layout: layout, bytes: bytes[misalignment..<(misalignment + size)])
  }

  @Test func fixturesAreThere() { #expect(Self.cases.count == 9) }

  /// Both layouts at aligned and odd addresses, sizes around the width of a vector and of a panel
  /// of outputs, batches of 1 to 5.
  @Test(arguments: cases, layouts) func agreesWithPyTorch(
    _ test: Case, _ layout: ParameterArray.Layout
  ) {
    let (inputs, outputs) = (test.inputs, test.outputs)
    for (batch, misalignment) in zip(1...5, [0, 1, 2, 3, 4]) {
      let operation = LinearOperation(
        weight: weight(outputs, inputs, layout, misalignment: misalignment),
        bias: Tensor(synthetic: [outputs], stream: 2))
      let result = operation(Tensor(synthetic: [batch, inputs], stream: 0), threads: 2)
      let expected = Tensor(
        shape: [batch, outputs], elements: test.output.data.prefix(batch * outputs))
      // 100 products of size 1/3 at most: sums up to 16 with 20 roundings of 1e-6 in the worst
      // case. One product in the wrong place changes a sum by a third.
      expectClose(result, expected, absolute: 5e-6, "batch \(batch)")
    }
  }

  @Test(arguments: layouts) func withoutBias(_ layout: ParameterArray.Layout) {
    let input = Tensor(synthetic: [2, 19], stream: 0)
    let weight = weight(21, 19, layout)
    let zero = LinearOperation(weight: weight, bias: Tensor(zeros: [21]))(input)
    #expect(LinearOperation(weight: weight, bias: nil)(input) == zero)
  }

  /// The order of every sum follows from the weight alone, so neither the number of threads nor
  /// the company in the batch may change a single bit.
  @Test(arguments: layouts) func sameBits(_ layout: ParameterArray.Layout) {
    let (inputs, outputs) = (1027, 203)
    let input = Tensor(synthetic: [5, inputs], stream: 0)
    let bias = Tensor(synthetic: [outputs], stream: 2)
    let weight = weight(outputs, inputs, layout, misalignment: 3)
    let operation = LinearOperation(weight: weight, bias: bias)
    let expected = operation(input, threads: 1).bitPatterns
    for threads in 2...4 {
      #expect(operation(input, threads: threads).bitPatterns == expected)
    }
    let alone = (0..<5).flatMap { picture in
      let elements = input.elements[(picture * inputs)..<((picture + 1) * inputs)]
      return operation(Tensor(shape: [1, inputs], elements: elements), threads: 3).bitPatterns
    }
    #expect(alone == expected)
  }

  /// The first linear layer of VGG has 25,088 inputs; in Float32 a plain sum of so many products
  /// would lose digits, eight or more partial sums keep them.
  @Test(arguments: layouts) func longSums(_ layout: ParameterArray.Layout) {
    let (inputs, outputs) = (25_088, 3)
    let input = Tensor(synthetic: [1, inputs], stream: 0)
    let weight = weight(outputs, inputs, layout)
    let (x, w) = (input.elements, weight.tensor().elements)
    let expected = (0..<outputs).map { output in
      Float((0..<inputs).reduce(0.0) { $0 + Double(x[$1]) * Double(w[output * inputs + $1]) })
    }
    // Sums of size 100; 3,136 roundings of at most 4e-6, whose signs differ: about 1e-4.
    expectClose(
      LinearOperation(weight: weight, bias: nil)(input).elements, expected, absolute: 2e-4)
  }
}
