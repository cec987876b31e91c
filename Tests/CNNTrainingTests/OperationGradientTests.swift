import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// The backward pass of every operation against PyTorch's autograd in double precision. The
/// gradient of each result is stream 9 of the formula numbers.
@Suite struct OperationGradientTests {
  private static func load<Value: Decodable>(_ name: String) -> [Value] {
    (try? Fixture(name).decode([Value].self)) ?? []
  }

  @Test func fixturesAreThere() {
    #expect(Self.convolutions.count == 14)
    #expect(Self.pools.count == 9)
    #expect(Self.responses.count == 4)
    #expect(Self.norms.count == 8)
    #expect(Self.linears.count == 4)
  }

  struct ConvolutionCase: Decodable, Sendable {
    let input: [Int]
    let weight: [Int]
    let stride: [Int]
    let padding: FixturePadding
    let groups: Int
    let dx: FixtureTensor
    let dweight: FixtureTensor
    let dbias: FixtureTensor
  }

  static let convolutions: [ConvolutionCase] = load("convolution_gradients.json")

  @Test(arguments: convolutions) func convolution(_ test: ConvolutionCase) {
    let window = Window(
      kernel: Extent(Array(test.weight[2...])), stride: Extent(test.stride),
      padding: test.padding.padding)
    let input = Tensor(synthetic: test.input, stream: 0)
    let weight = Tensor(synthetic: test.weight, stream: 1)
    let operation = ConvolutionOperation(
      weight: weight, bias: nil, window: window, groups: test.groups)
    let result = operation(input)
    let gradient = Tensor(synthetic: result.shape, stream: 9)
    let backward = ConvolutionBackward(window: window, groups: test.groups, threads: 2)
    // Sums of at most 200 products below 1, each rounded by at most 6e-8 of sums below 16.
    expectClose(
      backward.inputGradient(input: test.input, weight: weight, outputGradient: gradient),
      test.dx.tensor, absolute: 1e-5, "dx")
    expectClose(
      backward.weightGradient(input: input, weight: test.weight, outputGradient: gradient),
      test.dweight.tensor, absolute: 1e-5, "dweight")
    expectClose(
      biasGradient(gradient, threads: 2), test.dbias.tensor, absolute: 1e-6, "dbias")
  }

  struct PoolCase: Decodable, Sendable {
    let kind: String
    let input: [Int]
    let kernel: [Int]?
    let stride: [Int]?
    let padding: [Int]?
    let ceil: Bool?
    let dx: FixtureTensor

    var window: Window? {
      guard let kernel, let stride, let padding, let ceil else { return nil }
      let edges = Padding.Edges(
        top: padding[0], left: padding[1], bottom: padding[0], right: padding[1])
      return Window(
        kernel: Extent(kernel), stride: Extent(stride), padding: .explicit(edges),
        rounding: ceil ? .ceil : .floor)
    }
  }

  static let pools: [PoolCase] = load("pool_gradients.json")

  /// The maximum is taken of coarse numbers: of equal ones the first must win.
  @Test(arguments: pools) func pool(_ test: PoolCase) throws {
    let input = Tensor(synthetic: test.input, stream: 0)
    let extent = Extent(height: test.input[2], width: test.input[3])
    let result: Tensor
    switch test.kind {
    case "max":
      let window = try #require(test.window)
      let coarse = input.mapped { ($0 * 4).rounded(.toNearestOrEven) / 4 }
      let pool = MaxPool(window)
      let output = pool(coarse)
      result = pool.inputGradient(
        input: coarse, outputGradient: Tensor(synthetic: output.shape, stream: 9), threads: 2)
    case "average":
      let window = try #require(test.window)
      let output = AveragePool(window)(input)
      result = meanPoolInputGradient(
        input: test.input, outputGradient: Tensor(synthetic: output.shape, stream: 9),
        PoolingCells(window, input: extent), threads: 2)
    case "adaptive":
      let size = Extent(try #require(test.kernel))
      let shape = [test.input[0], test.input[1], size.height, size.width]
      result = meanPoolInputGradient(
        input: test.input, outputGradient: Tensor(synthetic: shape, stream: 9),
        PoolingCells(adaptive: size, input: extent), threads: 2)
    default:
      result = meanPoolInputGradient(
        input: test.input,
        outputGradient: Tensor(synthetic: Array(test.input[..<2]), stream: 9),
        PoolingCells(adaptive: 1, input: extent), threads: 2)
    }
    // A few additions of numbers below 1.
    expectClose(result, test.dx.tensor, absolute: 1e-6, test.kind)
  }

  struct ResponseCase: Decodable, Sendable {
    let input: [Int]
    let radius: Int
    let alpha: Float
    let beta: Float
    let k: Float
    let scale: Float
    let dx: FixtureTensor
  }

  static let responses: [ResponseCase] = load("response_gradients.json")

  @Test(arguments: responses) func localResponseNorm(_ test: ResponseCase) {
    let settings = LocalResponseNorm(
      radius: test.radius, alpha: test.alpha, beta: test.beta, bias: test.k)
    let result = settings.inputGradient(
      input: Tensor(synthetic: test.input, stream: 0).mapped { $0 * test.scale },
      outputGradient: Tensor(synthetic: test.input, stream: 9), threads: 2)
    // Computed in double precision; the settings and the result are rounded to Float32.
    expectClose(result, test.dx.tensor, absolute: 1e-6, relative: 1e-6)
  }

  struct NormCase: Decodable, Sendable {
    let input: [Int]
    let training: Bool
    let output: FixtureTensor
    let dx: FixtureTensor
    let dweight: FixtureTensor
    let dbias: FixtureTensor
    let mean: FixtureTensor
    let variance: FixtureTensor
  }

  static let norms: [NormCase] = load("batch_norm_gradients.json")

  /// Statistics of the batch and running ones; one element for each channel and two, where the
  /// variance is unbiased by a factor of 2.
  @Test(arguments: norms) func batchNorm(_ test: NormCase) {
    let input = Tensor(synthetic: test.input, stream: 0).mapped { $0 * 3 + 1 }
    let channels = [test.input[1]]
    let weight = Tensor(synthetic: channels, stream: 1)
    let mean = Tensor(synthetic: channels, stream: 3)
    let variance = Tensor(synthetic: channels, stream: 4).mapped { $0 + 1.25 }
    let statistics = BatchStatistics(of: input, threads: 2)
    let moments =
      test.training
      ? statistics.moments(epsilon: 1e-3)
      : BatchNormMoments(runningMean: mean, runningVariance: variance, epsilon: 1e-3)
    let output = moments.normalize(
      input, weight: weight, bias: Tensor(synthetic: channels, stream: 2), threads: 2)
    // Deviations up to 6 lose 5e-7 in Float32, and the smallest deviation of a batch magnifies
    // that by less than 10.
    expectClose(output, test.output.tensor, absolute: 5e-6, "output")
    let backward = BatchNormBackward(
      moments: moments, input: input, outputGradient: Tensor(synthetic: test.input, stream: 9),
      threads: 2)
    expectClose(
      backward.inputGradient(weight: weight), test.dx.tensor, absolute: 1e-6, relative: 1e-5, "dx")
    expectClose(backward.weightGradient, test.dweight.tensor, absolute: 5e-6, "dweight")
    expectClose(backward.biasGradient, test.dbias.tensor, absolute: 5e-6, "dbias")
    guard test.training else { return }
    let updated = statistics.updated(mean: mean, variance: variance)
    expectClose(updated.mean, test.mean.tensor, absolute: 1e-6, "running mean")
    expectClose(updated.variance, test.variance.tensor, absolute: 1e-6, "running variance")
  }

  struct LinearCase: Decodable, Sendable {
    let shape: [Int]
    let output: FixtureTensor
    let dx: FixtureTensor
    let dweight: FixtureTensor
    let dbias: FixtureTensor
  }

  static let linears: [LinearCase] = load("linear_gradients.json")

  /// Both layouts of the weight. The gradient of the weight is read from a step of plain gradient
  /// descent at rate 1 from zero.
  @Test(arguments: linears, [ParameterArray.Layout.outputInput, .inputOutput])
  func linear(_ test: LinearCase, layout: ParameterArray.Layout) throws {
    let (count, inputs, outputs) = (test.shape[0], test.shape[1], test.shape[2])
    let input = Tensor(synthetic: [count, inputs], stream: 0)
    let gradient = Tensor(synthetic: [count, outputs], stream: 9)
    let bias = Tensor(synthetic: [outputs], stream: 2)
    let weight = LinearWeight(
      ParameterArray(Tensor(synthetic: [outputs, inputs], stream: 1)), layout: layout)
    // Sums of up to 130 products below 1, as above.
    expectClose(
      weight.forward(input, bias: bias, threads: 2), test.output.tensor, absolute: 1e-5)
    expectClose(
      weight.inputGradient(gradient, kernels: .automatic, threads: 2), test.dx.tensor,
      absolute: 1e-5, "dx")
    expectClose(biasGradient(gradient, threads: 2), test.dbias.tensor, absolute: 1e-5, "dbias")
    let product = OuterProduct(outputs: gradient, inputs: input)
    let formed = product.formed(layout: layout, threads: 2)
    expectClose(formed.gradient, test.dweight.tensor, absolute: 1e-5, "dweight")
    // The norm has two ways: from the panels, and from the factors.
    let expected = test.dweight.tensor.squaredSum
    #expect(abs(formed.squaredSum - expected) <= 1e-6 * expected)
    #expect(abs(product.squaredSum(threads: 2) - expected) <= 1e-6 * expected)
  }

  struct SoftmaxCase: Decodable, Sendable {
    let input: [Int]
    let dx: FixtureTensor
  }

  @Test func softmax() throws {
    let test: SoftmaxCase = try Fixture("softmax_gradients.json").decode()
    let output = Softmax()(Tensor(synthetic: test.input, stream: 0).mapped { $0 * 4 })
    let result = Softmax.inputGradient(
      output: output, outputGradient: Tensor(synthetic: test.input, stream: 9))
    expectClose(result, test.dx.tensor, absolute: 1e-7)
  }
}

extension LinearWeight {
  /// A weight that lies in `layout`.
  init(_ array: ParameterArray, layout: ParameterArray.Layout) {
    let swapped = ParameterArray(
      shape: array.shape.reversed(), layout: .inputOutput, bytes: array.bytes)
    self.init(values: layout == .outputInput ? array.tensor() : swapped.tensor(), layout: layout)
  }
}

extension OuterProduct {
  /// The product `[out, in]`, by way of the update of a weight of zeros that lies in `layout`.
  func formed(
    layout: ParameterArray.Layout, kernels: KernelSet = .automatic, threads: Int
  ) -> (gradient: Tensor, squaredSum: Double) {
    let shape = [outputs.shape[1], inputs.shape[1]]
    var weights = Tensor(zeros: layout == .outputInput ? shape : shape.reversed())
    let kernel = SGD().kernel(rate: -1, gradientFactor: 1, decays: false, kernels: kernels)
    let squares = weights.withUnsafeMutableElements { elements in
      guard let start = elements.baseAddress else { return 0.0 }
      let target = UpdateTarget(weights: start, first: nil, second: nil, kernel: kernel)
      return LinearUpdate(self, layout: layout, measures: true, kernels: kernels)
        .run(target, threads: threads)
    }
    let array = ParameterArray(shape: shape, layout: layout, bytes: weights.bytes)
    return (array.tensor(), squares)
  }
}
