import CNNCore
import CNNTestSupport
import Testing

/// The size rules of `Window` and `Padding` against every small case.
@Suite struct WindowTests {
  struct Sizes: Decodable {
    /// Size, kernel, stride, padding, 1 for ceil, output: from PyTorch's `max_pool2d`.
    let explicit: [[Int]]
    /// Size, kernel, stride, padding before and after, output: TensorFlow's rule.
    let same: [[Int]]
  }

  @Test func explicitPaddingAsInPyTorch() throws {
    let rows = try Fixture("windows.json").decode(Sizes.self).explicit
    #expect(rows.count > 500)
    for row in rows {
      let window = Window(
        kernel: Extent(square: row[1]), stride: Extent(square: row[2]),
        padding: row[3] == 0 ? .valid : .explicit(row[3]), rounding: row[4] == 1 ? .ceil : .floor)
      let output = window.outputExtent(input: Extent(square: row[0]))
      #expect(output == Extent(square: row[5]), "\(row)")
    }
  }

  @Test func samePaddingAsInTensorFlow() throws {
    let rows = try Fixture("windows.json").decode(Sizes.self).same
    #expect(rows.count == 180)
    for row in rows {
      let window = Window(
        kernel: Extent(square: row[1]), stride: Extent(square: row[2]), padding: .same)
      let input = Extent(square: row[0])
      let edges = Padding.Edges(top: row[3], left: row[3], bottom: row[4], right: row[4])
      #expect(window.edges(input: input) == edges, "\(row)")
      #expect(window.outputExtent(input: input) == Extent(square: row[5]), "\(row)")
    }
  }

  @Test func axesAreIndependent() {
    let window = Window(
      kernel: Extent(height: 3, width: 5), stride: Extent(height: 1, width: 2),
      padding: .explicit(Padding.Edges(top: 1, left: 0, bottom: 0, right: 4)))
    // (7 + 1 - 3) / 1 + 1 rows, (8 + 4 - 5) / 2 + 1 columns.
    #expect(
      window.outputExtent(input: Extent(height: 7, width: 8)) == Extent(height: 6, width: 4))
  }

  @Test func kernelThatDoesNotFit() {
    #expect(Window(kernel: 3).outputExtent(input: Extent(height: 2, width: 9)) == nil)
    #expect(Window(kernel: 3, padding: .explicit(1)).outputExtent(input: 0) == nil)
  }
}
