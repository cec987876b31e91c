import CNNCore
import CNNTestSupport
import Testing

/// The patch matrix against PyTorch's `unfold`, element by element.
@Suite struct Im2colTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let input: [Int]
    let kernel: [Int]
    let stride: [Int]
    let padding: FixturePadding
    let output: FixtureTensor
    var testDescription: String { "\(input) kernel \(kernel) stride \(stride)" }
  }

  static let cases = (try? Fixture("im2col.json").decode([Case].self)) ?? []

  @Test func fixturesAreThere() { #expect(Self.cases.count == 5) }

  /// Whole, and cut into pieces of every number of rows: only copies, so equality is exact.
  @Test(arguments: cases) func matrix(_ test: Case) {
    let lowering = Im2col(
      channels: test.input[0], input: Extent(Array(test.input[1...])),
      window: Window(
        kernel: Extent(test.kernel), stride: Extent(test.stride), padding: test.padding.padding))
    #expect(lowering.patchSize == test.output.shape[0])
    #expect(lowering.output.height * lowering.output.width == test.output.shape[1])
    let input = Tensor(synthetic: test.input, stream: 0)
    for rowCount in 1...lowering.output.height {
      for begin in stride(from: 0, to: lowering.output.height, by: rowCount) {
        let rows = begin..<min(begin + rowCount, lowering.output.height)
        let actual = patches(lowering, input, rows)
        #expect(actual == columns(of: test.output, under: rows, width: lowering.output.width))
      }
    }
  }

  private func patches(_ lowering: Im2col, _ input: Tensor, _ rows: Range<Int>) -> [Float] {
    let count = lowering.patchSize * rows.count * lowering.output.width
    // NaN shows every element that was not written.
    var patches = Array(repeating: Float.nan, count: count)
    input.withUnsafeElements { source in
      patches.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        lowering.write(outputRows: rows, of: source, to: target)
      }
    }
    return patches
  }

  private func columns(of matrix: FixtureTensor, under rows: Range<Int>, width: Int) -> [Float] {
    (0..<matrix.shape[0]).flatMap { row in
      let begin = row * matrix.shape[1]
      return matrix.data[(begin + rows.lowerBound * width)..<(begin + rows.upperBound * width)]
    }
  }
}
