import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// The fast paths of linear layers against the plain ones, on sizes with remainders everywhere.
@Suite struct LinearTrainingTests {
  private let count = 70
  private let inputs = 1300
  private let outputs = 131
  private let dropout = DropoutMask(
    rate: 0.5, numbers: .dropout(seed: 77, step: 0, node: "drop"))

  private var weight: LinearWeight { weight(inputs: inputs) }

  private func weight(inputs: Int) -> LinearWeight {
    LinearWeight(
      values: Tensor(synthetic: [outputs, inputs], stream: 1), layout: .outputInput)
  }

  /// A gradient behind dropout and ReLU: three quarters of it are zero.
  private var sparse: Tensor { sparse(count: count) }

  private func sparse(count: Int) -> Tensor {
    let values = Tensor(synthetic: [count, outputs], stream: 2).mapped { $0 > 0 ? $0 : 0 }
    return dropout(values, threads: 1)
  }

  /// Sums of 1300 products below 1 with results near 12: each addition rounds by up to 1e-6, and
  /// the errors of two orders differ by the root of their number.
  private let tolerance: Float = 5e-5

  /// Numbers of pictures that make sets of two to five outputs and tiles of all sizes; inputs that
  /// end within a vector, at the end of one, and in whole pages.
  @Test(arguments: [1, 9, 33, 70, 200], [1300, 1296, 1024])
  func keptResultsAreThoseOfTheWholeProduct(count: Int, inputs: Int) throws {
    let weight = weight(inputs: inputs)
    guard let kept = KeptLinearForward(weight, dropout) else { return }
    let input = Tensor(synthetic: [count, inputs], stream: 3)
    let bias = Tensor(synthetic: [outputs], stream: 4)
    let whole = dropout(weight.forward(input, bias: bias, threads: 2), threads: 2)
    let result = kept.forward(input, bias: bias, threads: 1)
    expectClose(dropout(result, threads: 2), whole, absolute: tolerance)
    // What is dropped was never computed.
    #expect(result.elements.count { $0 == 0 } >= count * outputs / 3)
    for threads in 2...4 {
      #expect(kept.forward(input, bias: bias, threads: threads).bitPatterns == result.bitPatterns)
    }
  }

  /// Numbers of pictures with sets that are not full and of one picture.
  @Test(arguments: [1, 70]) func sparseInputGradient(count: Int) throws {
    let gradients = sparse(count: count)
    let sparse = try #require(
      SparseInputGradient(weight, outputGradient: gradients, threads: 2))
    let result = sparse(threads: 1)
    // The same product with the gradients of one picture after the other is dense.
    var expected = [Float](repeating: 0, count: count * inputs)
    let (gradient, weights) = (gradients.elements, weight.values.elements)
    for picture in stride(from: 0, to: count, by: 9) {
      for column in 0..<inputs {
        var sum = 0.0
        for output in 0..<outputs {
          sum +=
            Double(gradient[picture * outputs + output])
            * Double(weights[output * inputs + column])
        }
        expected[picture * inputs + column] = Float(sum)
      }
      let row = (picture * inputs)..<((picture + 1) * inputs)
      expectClose(
        Array(result.elements[row]), Array(expected[row]), absolute: tolerance, "row \(picture)")
    }
    for threads in 2...4 { #expect(sparse(threads: threads).bitPatterns == result.bitPatterns) }
  }

  /// The panels of a sparse and of a dense gradient, in both layouts, against a plain sum in double
  /// precision; the pictures are one, one stretch and three.
  @Test(
    arguments: [(1, true), (70, true), (200, true), (70, false)],
    [ParameterArray.Layout.outputInput, .inputOutput])
  func updates(_ pictures: (count: Int, areSparse: Bool), layout: ParameterArray.Layout) {
    let count = pictures.count
    let left =
      pictures.areSparse ? sparse(count: count) : Tensor(synthetic: [count, outputs], stream: 2)
    let right = Tensor(synthetic: [count, inputs], stream: 3)
    let product = OuterProduct(outputs: left, inputs: right)
    let result = product.formed(layout: layout, threads: 1)
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
    // Sums of up to 70 products up to 2.
    expectClose(
      result.gradient.elements, expected.map(Float.init), absolute: 1e-5, "gradient")
    let squares = expected.reduce(0) { $0 + $1 * $1 }
    #expect(abs(result.squaredSum - squares) <= 1e-6 * squares)
    #expect(abs(product.squaredSum(threads: 2) - squares) <= 1e-6 * squares)
    for threads in 2...4 {
      let other = product.formed(layout: layout, threads: threads)
      #expect(other.gradient.bitPatterns == result.gradient.bitPatterns)
      #expect(other.squaredSum == result.squaredSum)
    }
  }

  /// NaN in a gradient is not taken for a zero.
  @Test func notANumberIsKept() {
    var elements = sparse.elements
    elements[5] = .nan
    let left = Tensor(shape: [count, outputs], elements: elements)
    let right = Tensor(synthetic: [count, inputs], stream: 3)
    let formed = OuterProduct(outputs: left, inputs: right)
      .formed(layout: .outputInput, threads: 2)
    #expect(formed.gradient.elements[5 * inputs].isNaN)
    #expect(formed.squaredSum.isNaN)
    let gradients = ParameterGradients(entries: [
      ("fc.weight", .outerProduct(OuterProduct(outputs: left, inputs: right)))
    ])
    #expect(!gradients.areFinite)
  }
}
