import CNNCore
import CNNSystem
import CNNTestSupport
import Testing

/// The linear kernels of every instruction set that the machine has, against plain sums in double precision.
@Suite struct LinearKernelTests {
  static let ownKernels = KernelSet.available.filter { $0 != .blas }
  static let layouts: [ParameterArray.Layout] = [.outputInput, .inputOutput]

  /// A weight `[outputs, inputs]` in either layout, its first byte 3 bytes behind an aligned
  /// address, as in a mapped file.
  private func weight(
    _ numbers: [Float], _ outputs: Int, _ inputs: Int, _ layout: ParameterArray.Layout
  ) -> ParameterArray {
    let size = numbers.count * MemoryLayout<Float>.stride
    let bytes = Bytes(count: 3 + size) { target in
      for output in 0..<outputs {
        for input in 0..<inputs {
          let index = layout == .outputInput ? output * inputs + input : input * outputs + output
          target.storeBytes(
            of: numbers[output * inputs + input], toByteOffset: 3 + index * 4, as: Float.self)
        }
      }
    }
    return ParameterArray(shape: [outputs, inputs], layout: layout, bytes: bytes[3..<(3 + size)])
  }

  /// `number` as a weight of this precision stores it.
  private func rounded(_ number: Float, _ precision: Precision) -> Float {
    switch precision {
    case .fp32: return number
    case .halfFC:
      // 11 significant bits down to 2^-14, below that steps of 2^-24: what adding and subtracting
      // a number with that last bit does, ties to even.
      let exponent = max(number.magnitude.exponent, -14)
      let anchor = Float(sign: .plus, exponent: number == 0 ? 0 : exponent + 13, significand: 1.5)
      return number == 0 ? 0 : (number + anchor) - anchor
    case .bf16:
      let bits = number.bitPattern
      return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }
  }

  /// Sizes around vectors of 4, 8 and 16, groups of 4 rows, units of 16 rows, panels of 16 to 64,
  /// units of 1024 columns, grains of 16 inputs and blocks of 1024 and 4096.
  static let sizes: [(inputs: Int, outputs: Int, pictures: Int)] = [
    (1, 1, 1), (3, 5, 2), (4, 4, 3), (5, 3, 4), (7, 15, 5), (8, 16, 6), (9, 17, 7), (15, 31, 8),
    (16, 32, 9), (17, 33, 13), (31, 63, 15), (33, 64, 16), (47, 65, 17), (100, 129, 33),
    (20, 1023, 2), (20, 1024, 1), (20, 1025, 3), (1023, 18, 5), (1024, 19, 2), (1025, 66, 4),
    (4095, 5, 2), (4096, 6, 3), (4097, 7, 7), (9000, 70, 1),
  ]

  @Test(arguments: ownKernels, Precision.allCases)
  func agreesWithPlainSums(_ kernels: KernelSet, _ precision: Precision) {
    for (inputs, outputs, pictures) in Self.sizes {
      // `bf16` stores bfloat16 where half precision ends; powers of two change no other bit.
      let scale: Float = precision == .bf16 ? 0x1p40 : 1
      let x = SyntheticNumbers.uniform(count: pictures * inputs, stream: 0).map { $0 / scale }
      // Down to 1e-6, where half precision has few bits left.
      let w = SyntheticNumbers.uniform(count: outputs * inputs, stream: 1).enumerated().map {
        ($0.offset % 5 == 4 ? $0.element * 1e-5 : $0.element) * scale
      }
      let kept = w.map { rounded($0, precision) }
      let bias = Tensor(synthetic: [outputs], stream: 2)
      var expected: [Float] = []
      for picture in 0..<pictures {
        for (output, start) in bias.elements.enumerated() {
          expected.append(
            Float(
              (0..<inputs).reduce(Double(start)) { sum, input in
                sum + Double(x[picture * inputs + input]) * Double(kept[output * inputs + input])
              }))
        }
      }
      for layout in Self.layouts {
        let kernel = PackedLinear(
          weight: weight(w, outputs, inputs, layout), bias: bias, precision: precision,
          kernels: kernels, threads: 2)
        let input = Tensor(shape: [pictures, inputs], elements: x)
        // n products below 1 of either sign: sums of size sqrt(n) / 3, and at most n roundings of
        // half a unit (6e-8) of that; their signs differ, so n * 6e-8 is far above all of them. A
        // single wrong or missing product is 1/4 on average.
        let tolerance = 6e-8 * Float(inputs) + 1e-6
        expectClose(
          kernel.run(input, threads: 3).elements, expected, absolute: tolerance,
          "\(inputs) to \(outputs), \(pictures) pictures, \(layout), \(kernel.kernelName)")
      }
    }
  }

  @Test(arguments: ownKernels, layouts)
  func sameBits(_ kernels: KernelSet, _ layout: ParameterArray.Layout) {
    let (inputs, outputs, pictures) = (5003, 1203, 19)
    let numbers = SyntheticNumbers.uniform(count: outputs * inputs, stream: 1)
    let weight = weight(numbers, outputs, inputs, layout)
    let input = Tensor(synthetic: [pictures, inputs], stream: 0)
    for precision in Precision.allCases {
      let kernel = PackedLinear(
        weight: weight, bias: nil, precision: precision, kernels: kernels, threads: 1)
      let expected = kernel.run(input, threads: 1).bitPatterns
      for threads in [2, 3, 5, 8] {
        #expect(kernel.run(input, threads: threads).bitPatterns == expected)
      }
      for count in [1, 2, 3, 7, 16, 18] {
        let some = Tensor(
          shape: [count, inputs], elements: input.elements.prefix(count * inputs))
        #expect(
          kernel.run(some, threads: 2).bitPatterns == Array(expected.prefix(count * outputs)),
          "\(count) pictures, \(precision)")
      }
    }
  }

  /// A number that half precision cannot hold must not become infinite.
  @Test(arguments: ownKernels) func largeWeightsStayExact(_ kernels: KernelSet) {
    let weight = weight([65504, 65520, -1, 0.5], 2, 2, .outputInput)
    let kernel = PackedLinear(
      weight: weight, bias: nil, precision: .halfFC, kernels: kernels, threads: 1)
    let result = kernel.run(Tensor(shape: [1, 2], elements: [1, 1]), threads: 1)
    #expect(result.elements == [131024, -0.5])
    #expect(kernel.kernelName == "linear rows")
  }
}
