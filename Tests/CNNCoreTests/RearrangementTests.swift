import CNNCore
import CNNTestSupport
import Testing

/// The operations that move elements or look at each alone.
@Suite struct RearrangementTests {
  struct Golden: Decodable, Sendable {
    struct Shortcut: Decodable {
      let input: [Int]
      let channels: Int
      let stride: Int
      let output: FixtureTensor
    }
    struct Softmax: Decodable {
      let scale: Float
      let shift: Float
      let output: FixtureTensor
    }
    let flattenCHW: FixtureTensor
    let flattenHWC: FixtureTensor
    let concat: FixtureTensor
    let shortcuts: [Shortcut]
    let softmax: [Softmax]
  }

  let golden: Golden

  init() throws { golden = try Fixture("rearrangements.json").decode() }

  @Test func flattening() {
    let input = Tensor(synthetic: [2, 3, 4, 5], stream: 0)
    #expect(Flatten(.channelHeightWidth)(input) == golden.flattenCHW.tensor)
    #expect(Flatten(.heightWidthChannel)(input) == golden.flattenHWC.tensor)
  }

  @Test func concatenation() {
    let first = Tensor(synthetic: [2, 3, 4, 5], stream: 0)
    let second = Tensor(synthetic: [2, 1, 4, 5], stream: 1)
    #expect(Concat()([first, second, first]) == golden.concat.tensor)
    #expect(Concat()([second]) == second)
  }

  @Test func shortcuts() {
    for shortcut in golden.shortcuts {
      let input = Tensor(synthetic: shortcut.input, stream: 0)
      let operation = ZeroPaddedShortcut(channels: shortcut.channels, stride: shortcut.stride)
      let result = operation(input)
      #expect(result == shortcut.output.tensor)
    }
  }

  /// Logits up to 70,000, far beyond what `exp` can take.
  @Test func probabilities() {
    for test in golden.softmax {
      let input = Tensor(synthetic: [3, 11], stream: 0).mapped { $0 * test.scale + test.shift }
      // Computed in double precision: one rounding of the result.
      expectClose(
        Softmax()(input), test.output.tensor, absolute: 1e-38, relative: 1e-7,
        "softmax of \(test.scale) x + \(test.shift)")
    }
  }

  @Test(arguments: [1, 3]) func rectification(threads: Int) {
    let input = Tensor(shape: [7], elements: [-1, 2, -.infinity, .infinity, 0, -0.5, 3])
    #expect(ReLU()(input, threads: threads).elements == [0, 2, 0, .infinity, 0, 0, 3])
    #expect(ReLU()(Tensor(shape: [1], elements: [.nan])).elements[0].isNaN)
    #expect(input.elements[0] == -1, "an input that is held elsewhere keeps its elements")
  }

  @Test(arguments: [1, 3]) func addition(threads: Int) {
    let first = Tensor(synthetic: [2, 3, 4, 5], stream: 0)
    let second = Tensor(synthetic: [2, 3, 4, 5], stream: 1)
    let expected = zip(first.elements, second.elements).map { $0 + $1 }
    #expect(Add()(first, second, threads: threads).elements == expected)
    #expect(Add()(first, first, threads: threads).elements == first.elements.map { $0 + $0 })
  }

  /// An input that the caller gives up is overwritten, so that a network of a hundred layers does
  /// not need a hundred feature maps.
  @Test func workInPlace() {
    func address(_ tensor: borrowing Tensor) -> UnsafeRawPointer? {
      tensor.withUnsafeElements { UnsafeRawPointer($0.baseAddress) }
    }
    var tensor = Tensor(synthetic: [1, 8, 8, 8], stream: 0)
    let before = address(tensor)
    tensor = ReLU()(consume tensor)
    tensor = Add()(consume tensor, Tensor(zeros: [1, 8, 8, 8]))
    tensor = Softmax()(consume tensor)
    // The same by way of the operation that a plan holds.
    let relu = Layer.relu.kind.operation { fatalError("\($0): it has no parameters") }
    tensor = relu.run([consume tensor], threads: 1)
    #expect(address(tensor) == before)
  }
}
