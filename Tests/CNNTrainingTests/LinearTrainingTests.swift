import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// The products of linear layers that leave zeros out, with the kernels of every instruction set that
/// the machine has, against plain sums in double precision.
@Suite struct LinearTrainingTests {
  /// Kernels with sparse and masked products of their own.
  static let ownKernels = KernelSet.available.filter { $0 != .blas }
  static let layouts: [ParameterArray.Layout] = [.outputInput, .inputOutput]

  private let dropout = DropoutMask(
    rate: 0.5, numbers: .dropout(seed: 77, step: 0, node: "drop"))

  private func weight(_ outputs: Int, _ inputs: Int) -> LinearWeight {
    LinearWeight(
      values: Tensor(synthetic: [outputs, inputs], stream: 1), layout: .outputInput)
  }

  /// A gradient `[count, outputs]` behind dropout and ReLU: three quarters of it are zero.
  private func sparse(_ count: Int, _ outputs: Int) -> Tensor {
    let values = Tensor(synthetic: [count, outputs], stream: 2).mapped { $0 > 0 ? $0 : 0 }
    return dropout(values, threads: 1)
  }

  /// Sums of up to 1300 products below 2: they reach about 30, so each addition rounds by at most
  /// 1e-6, and the rounding errors have both signs. One missing product is 0.25 on average.
  private let tolerance: Float = 5e-5

  /// Pictures below, at and above the sizes of tiles (24, 12, 8, 6, 5 of 1 to 5 outputs), which make
  /// sets of two to five outputs; inputs below, at and above a vector and a chunk, and whole pages.
  @Test(
    arguments: [
      (pictures: 1, outputs: 131), (4, 5), (9, 131), (23, 7), (24, 7), (25, 7), (33, 131),
      (70, 131),
      (200, 131),
    ],
    ownKernels)
  func maskedResultsAreThoseOfTheWholeProduct(
    _ size: (pictures: Int, outputs: Int), kernels: KernelSet
  ) {
    let (count, outputs) = size
    for inputs in count == 70 ? [1, 15, 16, 17, 511, 512, 513, 1024, 1296, 1300] : [1300] {
      let weight = weight(outputs, inputs)
      let layer = MaskedLinearForward(weight, dropout, kernels: kernels)
      let input = Tensor(synthetic: [count, inputs], stream: 3)
      let bias = Tensor(synthetic: [outputs], stream: 4)
      let result = layer.forward(input, bias: bias, threads: 1)
      let (x, w, b) = (input.elements, weight.values.elements, bias.elements)
      let expected = (0..<count * outputs).map { index -> Float in
        guard dropout.keeps(index) else { return 0 }
        let (picture, output) = index.quotientAndRemainder(dividingBy: outputs)
        let sum = (0..<inputs).reduce(0.0) {
          $0 + Double(x[picture * inputs + $1]) * Double(w[output * inputs + $1])
        }
        return Float(sum + Double(b[output]))
      }
      expectClose(result.elements, expected, absolute: tolerance, "\(inputs) inputs")
      for threads in 2...4 {
        let other = layer.forward(input, bias: bias, threads: threads)
        #expect(other.bitPatterns == result.bitPatterns)
      }
    }
  }

  /// Masked products pay with AVX-512 alone; where dropout is rare, they do not pay at all.
  @Test func maskedProductsAreChosen() {
    let weight = weight(8, 16)
    for kernels in KernelSet.available {
      #expect(
        MaskedLinearForward.isFaster(weight, dropout, kernels: kernels) == (kernels == .avx512))
      let rare = DropoutMask(rate: 0.2, numbers: dropout.numbers)
      #expect(!MaskedLinearForward.isFaster(weight, rare, kernels: kernels))
    }
    let transposed = LinearWeight(values: weight.values, layout: .inputOutput)
    #expect(!MaskedLinearForward.isFaster(transposed, dropout, kernels: .fastest))
  }

  /// Pictures that fill their last set of four and do not; outputs of one chunk of 96 and of several;
  /// inputs below, at and above a block of 96.
  @Test(
    arguments: [
      (pictures: 1, outputs: 131, inputs: 1300), (70, 131, 1300), (3, 95, 95), (4, 96, 96),
      (5, 97, 97), (9, 193, 191),
    ],
    ownKernels)
  func sparseInputGradient(
    _ size: (pictures: Int, outputs: Int, inputs: Int), kernels: KernelSet
  ) throws {
    let (count, outputs, inputs) = size
    let gradients = sparse(count, outputs)
    let weight = weight(outputs, inputs)
    let sparse = try #require(
      SparseInputGradient(weight, outputGradient: gradients, kernels: kernels, threads: 2))
    let result = sparse(threads: 1)
    let (gradient, weights) = (gradients.elements, weight.values.elements)
    let expected = (0..<count * inputs).map { index -> Float in
      let (picture, column) = index.quotientAndRemainder(dividingBy: inputs)
      return Float(
        (0..<outputs).reduce(0.0) {
          $0 + Double(gradient[picture * outputs + $1]) * Double(weights[$1 * inputs + column])
        })
    }
    expectClose(result.elements, expected, absolute: tolerance)
    for threads in 2...4 { #expect(sparse(threads: threads).bitPatterns == result.bitPatterns) }
    #expect(
      weight.inputGradient(gradients, kernels: kernels, threads: 2).bitPatterns
        == result.bitPatterns)
  }

  /// A dense gradient, and the plain operations, make no lists.
  @Test(arguments: KernelSet.available) func denseProductsAreChosen(_ kernels: KernelSet) {
    let weight = weight(131, 200)
    func isSparse(_ gradient: Tensor) -> Bool {
      SparseInputGradient(weight, outputGradient: gradient, kernels: kernels, threads: 1) != nil
    }
    #expect(!isSparse(Tensor(synthetic: [9, 131], stream: 2)))
    #expect(isSparse(sparse(9, 131)) == (kernels != .blas))
    let dense = weight.inputGradient(sparse(9, 131), kernels: .blas, threads: 1)
    let result = weight.inputGradient(sparse(9, 131), kernels: kernels, threads: 1)
    expectClose(result, dense, absolute: tolerance)
  }

  struct Update: Sendable, CustomTestStringConvertible {
    let pictures: Int
    let outputs: Int
    let inputs: Int
    var isSparse = true
    var testDescription: String {
      "\(pictures) pictures, \(outputs) x \(inputs)\(isSparse ? "" : ", dense")"
    }
  }

  /// Pictures of one chunk of 96 and of three; outputs around the 64 and inputs around the 384 of a
  /// panel.
  static let updateSizes = [
    Update(pictures: 1, outputs: 131, inputs: 1300),
    Update(pictures: 70, outputs: 131, inputs: 1300),
    Update(pictures: 200, outputs: 131, inputs: 1300),
    Update(pictures: 70, outputs: 131, inputs: 1300, isSparse: false),
    Update(pictures: 95, outputs: 63, inputs: 383), Update(pictures: 96, outputs: 64, inputs: 384),
    Update(pictures: 97, outputs: 65, inputs: 385),
  ]

  /// The panels of a sparse and of a dense gradient, in both layouts.
  @Test(arguments: updateSizes, KernelSet.available)
  func updates(_ size: Update, kernels: KernelSet) {
    let (count, outputs, inputs) = (size.pictures, size.outputs, size.inputs)
    let left =
      size.isSparse ? sparse(count, outputs) : Tensor(synthetic: [count, outputs], stream: 2)
    let right = Tensor(synthetic: [count, inputs], stream: 3)
    let product = OuterProduct(outputs: left, inputs: right)
    var expected = [Double](repeating: 0, count: outputs * inputs)
    let (a, b) = (left.elements, right.elements)
    for picture in 0..<count {
      for output in 0..<outputs where a[picture * outputs + output] != 0 {
        let value = Double(a[picture * outputs + output])
        for column in 0..<inputs {
          expected[output * inputs + column] += value * Double(b[picture * inputs + column])
        }
      }
    }
    let squares = expected.reduce(0) { $0 + $1 * $1 }
    #expect(abs(product.squaredSum(threads: 2) - squares) <= 1e-6 * squares)
    for layout in Self.layouts {
      let result = product.formed(layout: layout, kernels: kernels, threads: 1)
      // Sums of up to 200 products up to 2, three quarters of which are zero.
      expectClose(
        result.gradient.elements, expected.map(Float.init), absolute: 1e-5, "\(layout)")
      #expect(abs(result.squaredSum - squares) <= 1e-6 * squares)
      for threads in 2...4 {
        let other = product.formed(layout: layout, kernels: kernels, threads: threads)
        #expect(other.gradient.bitPatterns == result.gradient.bitPatterns)
        #expect(other.squaredSum == result.squaredSum)
      }
    }
  }

  /// NaN in a gradient does not count as zero.
  @Test(arguments: KernelSet.available) func notANumberIsKept(_ kernels: KernelSet) {
    let (count, outputs, inputs) = (70, 131, 1300)
    var elements = sparse(count, outputs).elements
    elements[5] = .nan
    let left = Tensor(shape: [count, outputs], elements: elements)
    let right = Tensor(synthetic: [count, inputs], stream: 3)
    let formed = OuterProduct(outputs: left, inputs: right)
      .formed(layout: .outputInput, kernels: kernels, threads: 2)
    #expect(formed.gradient.elements[5 * inputs].isNaN)
    #expect(formed.squaredSum.isNaN)
    let gradients = ParameterGradients(entries: [
      ("fc.weight", .outerProduct(OuterProduct(outputs: left, inputs: right)))
    ])
    #expect(!gradients.areFinite)
  }
}
