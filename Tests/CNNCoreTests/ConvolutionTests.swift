import CNNCore
import CNNTestSupport
import Testing

@Suite struct ConvolutionTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let input: [Int]
    let weight: [Int]
    let stride: [Int]
    let padding: FixturePadding
    let groups: Int
    let bias: Bool
    let output: FixtureTensor
    var testDescription: String { "\(input) * \(weight) stride \(stride) groups \(groups)" }

    var window: Window {
      Window(
        kernel: Extent(Array(weight[2...])), stride: Extent(stride), padding: padding.padding)
    }
  }

  static let cases = (try? Fixture("convolution.json").decode([Case].self)) ?? []

  @Test func fixturesAreThere() { #expect(Self.cases.count == 19) }

  /// Against PyTorch in double precision: kernels 1 to 11, even, odd and oblong, strides 1 to 4,
  /// all paddings, groups up to depthwise, kernels larger than the picture.
  @Test(arguments: cases) func agreesWithPyTorch(_ test: Case) {
    let operation = ConvolutionOperation(
      weight: Tensor(synthetic: test.weight, stream: 1),
      bias: test.bias ? Tensor(synthetic: Array(test.weight[..<1]), stream: 2) : nil,
      window: test.window, groups: test.groups)
    let result = operation(Tensor(synthetic: test.input, stream: 0), threads: 2)
    // Up to 363 products with sums up to 16: as many roundings of at most 4.8e-7, whose signs
    // differ. One tap in the wrong place changes a sum by a third.
    expectClose(result, test.output.tensor, absolute: 2e-5)
  }

  /// A unit of work is made from the shape of the layer alone, so neither the number of threads
  /// nor the company in the batch may change a single bit. The first shape has several units per
  /// picture, the second groups, the third no im2col.
  @Test(arguments: [
    (input: [5, 64, 33, 37], weight: [24, 64, 3, 3], groups: 1),
    (input: [5, 48, 13, 13], weight: [32, 24, 5, 5], groups: 2),
    (input: [5, 96, 27, 29], weight: [40, 96, 1, 1], groups: 1),
  ]) func sameBits(_ test: (input: [Int], weight: [Int], groups: Int)) {
    let input = Tensor(synthetic: test.input, stream: 0)
    let weight = Tensor(synthetic: test.weight, stream: 1)
    let bias = Tensor(synthetic: [test.weight[0]], stream: 2)
    let window = Window(
      kernel: Extent(Array(test.weight[2...])), padding: .explicit(test.weight[2] / 2))
    func bits(_ input: Tensor, threads: Int) -> [UInt32] {
      ConvolutionOperation(weight: weight, bias: bias, window: window, groups: test.groups)(
        input, threads: threads
      ).bitPatterns
    }
    let expected = bits(input, threads: 1)
    for threads in 2...4 { #expect(bits(input, threads: threads) == expected) }
    let picture = input.count / test.input[0]
    let alone = (0..<test.input[0]).flatMap { index in
      let elements = input.elements[(index * picture)..<((index + 1) * picture)]
      return bits(Tensor(shape: [1] + test.input[1...], elements: elements), threads: 2)
    }
    #expect(alone == expected)
  }

  /// Many products at once on more threads than processors: OpenBLAS must neither mix up its
  /// buffers nor split a product.
  @Test func concurrentProductsKeepTheirBits() {
    let input = Tensor(synthetic: [40, 16, 20, 20], stream: 0)
    let weight = Tensor(synthetic: [32, 16, 3, 3], stream: 1)
    let window = Window(kernel: 3, padding: .same)
    let operation = ConvolutionOperation(weight: weight, bias: nil, window: window)
    let expected = operation(input, threads: 1)
    for _ in 0..<10 {
      let result = operation(input, threads: 8)
      #expect(result.bitPatterns == expected.bitPatterns)
    }
    #expect(OpenBLAS.threadCount == 1, "its own threads would change the bits")
  }

  /// Random geometries against the seven loops of the definition, in double precision.
  @Test(arguments: 0..<40) func agreesWithTheDefinition(_ seed: Int) {
    var generator = Generator(state: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let groups = pick(1...3)
    let kernel = Extent(height: pick(1...5), width: pick(1...5))
    let window = Window(
      kernel: kernel, stride: Extent(height: pick(1...3), width: pick(1...3)),
      padding: .explicit(
        Padding.Edges(top: pick(0...5), left: pick(0...5), bottom: pick(0...5), right: pick(0...5)))
    )
    let input = Tensor(
      synthetic: [pick(1...3), groups * pick(1...4), pick(5...12), pick(5...12)], stream: 0)
    let weight = Tensor(
      synthetic: [groups * pick(1...4), input.shape[1] / groups, kernel.height, kernel.width],
      stream: 1)
    let operation = ConvolutionOperation(
      weight: weight, bias: nil, window: window, groups: groups)
    let result = operation(input, threads: pick(1...3))
    // At most 100 products below 1 in size: sums of size 6, 100 roundings of at most 2.4e-7.
    expectClose(
      result, definition(input, weight, window, groups: groups), absolute: 1e-5, "seed \(seed)")
  }

  private func definition(
    _ input: Tensor, _ weight: Tensor, _ window: Window, groups: Int
  ) -> Tensor {
    let size = Extent(height: input.shape[2], width: input.shape[3])
    let edges = window.edges(input: size)
    guard let output = window.outputExtent(input: size) else { preconditionFailure("too small") }
    let (inputs, outputs) = (weight.shape[1], weight.shape[0])
    let (x, w) = (input.elements, weight.elements)
    var elements: [Float] = []
    for picture in 0..<input.shape[0] {
      for channel in 0..<outputs {
        let firstInput = channel / (outputs / groups) * inputs
        for row in 0..<output.height {
          for column in 0..<output.width {
            var sum = 0.0
            for c in 0..<inputs {
              for i in 0..<window.kernel.height {
                for j in 0..<window.kernel.width {
                  let y = row * window.stride.height + i - edges.top
                  let z = column * window.stride.width + j - edges.left
                  guard y >= 0, y < size.height, z >= 0, z < size.width else { continue }
                  let plane = picture * input.shape[1] + firstInput + c
                  let tap =
                    ((channel * inputs + c) * window.kernel.height + i)
                    * window.kernel.width + j
                  sum += Double(x[(plane * size.height + y) * size.width + z]) * Double(w[tap])
                }
              }
            }
            elements.append(Float(sum))
          }
        }
      }
    }
    return Tensor(
      shape: [input.shape[0], outputs, output.height, output.width], elements: elements)
  }
}

/// A fixed sequence of random bits.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 1
    return RandomNumbers.mix(state)
  }
}
