import CNNCore
import CNNTestSupport
import Testing

@Suite struct PoolingTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let input: [Int]
    let kernel: [Int]
    let stride: [Int]
    let padding: FixturePadding
    let rounding: String
    let max: FixtureTensor
    let average: FixtureTensor
    var testDescription: String { "\(input) window \(kernel) stride \(stride) \(rounding)" }

    var window: Window {
      Window(
        kernel: Extent(kernel), stride: Extent(stride), padding: padding.padding,
        rounding: rounding == "ceil" ? .ceil : .floor)
    }
  }

  struct AdaptiveCase: Decodable, Sendable {
    let input: [Int]
    let size: [Int]
    let output: FixtureTensor
  }

  static let cases = (try? Fixture("pooling.json").decode([Case].self)) ?? []
  static let adaptiveCases =
    (try? Fixture("adaptive_pooling.json").decode([AdaptiveCase].self)) ?? []

  // The sums are taken in double precision, so a mean is off by one rounding at most.
  static let meanTolerance: Float = 6e-8

  @Test func fixturesAreThere() {
    #expect(Self.cases.count == 15)
    #expect(Self.adaptiveCases.count == 5)
  }

  @Test(arguments: cases) func agreesWithPyTorch(_ test: Case) {
    let input = Tensor(synthetic: test.input, stream: 0)
    expectClose(MaxPool(test.window)(input, threads: 2), test.max.tensor, "maximum")
    expectClose(
      AveragePool(test.window)(input, threads: 2), test.average.tensor,
      absolute: Self.meanTolerance, "average")
  }

  /// Sizes that divide and sizes that do not, and an input smaller than the output.
  @Test(arguments: adaptiveCases) func adaptiveAgreesWithPyTorch(_ test: AdaptiveCase) {
    let input = Tensor(synthetic: test.input, stream: 0)
    let result = AdaptiveAveragePool(Extent(test.size))(input, threads: 2)
    expectClose(result, test.output.tensor, absolute: Self.meanTolerance)
    guard test.size == [1, 1] else { return }
    expectClose(
      GlobalAveragePool()(input, threads: 2), test.output.tensor.reshaped(Array(test.input[..<2])),
      absolute: Self.meanTolerance, "global")
  }

  /// NaN wins wherever it stands in the window, as in PyTorch: it must reach the logits, where
  /// somebody looks for it. The padding's minus infinity does not.
  @Test(arguments: 0..<4) func notANumberWins(_ position: Int) {
    var elements: [Float] = [1, 2, 3, 4]
    elements[position] = .nan
    let input = Tensor(shape: [1, 1, 2, 2], elements: elements)
    #expect(MaxPool(Window(kernel: 2))(input).elements[0].isNaN)
    let padded = MaxPool(Window(kernel: 2, stride: 2, padding: .explicit(1)))(input)
    #expect(padded.elements.map(\.isNaN) == (0..<4).map { $0 == position })
  }

  @Test func infinityIsANumber() {
    let input = Tensor(shape: [1, 1, 1, 4], elements: [-.infinity, -.infinity, 3, .infinity])
    let result = MaxPool(Window(kernel: Extent(height: 1, width: 2), stride: 2))(input)
    #expect(result.elements == [-.infinity, .infinity])
  }
}
