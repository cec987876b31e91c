import CNNCore
import CNNTestSupport
import Testing

@Suite struct NormalizationTests {
  struct ResponseCase: Decodable, Sendable {
    let input: [Int]
    let radius: Int
    let alpha: Float
    let beta: Float
    let k: Float
    let scale: Float
    let output: FixtureTensor
  }

  struct BatchCase: Decodable, Sendable {
    let input: [Int]
    let epsilon: Float
    let output: FixtureTensor
  }

  static let responseCases =
    (try? Fixture("local_response_norm.json").decode([ResponseCase].self)) ?? []
  static let batchCases = (try? Fixture("batch_norm.json").decode([BatchCase].self)) ?? []

  @Test func fixturesAreThere() {
    #expect(Self.responseCases.count == 6)
    #expect(Self.batchCases.count == 3)
  }

  /// Caffe's and the paper's constants, fewer channels than the window, and constants that make
  /// every part count.
  @Test(arguments: responseCases) func localResponseAgreesWithPyTorch(_ test: ResponseCase) {
    let settings = LocalResponseNorm(
      radius: test.radius, alpha: test.alpha, beta: test.beta, bias: test.k)
    let input = Tensor(synthetic: test.input, stream: 0).mapped { $0 * test.scale }
    // Sum, factor, power and quotient each round a few times: 11 channels at most, 1.2e-7 each.
    expectClose(
      settings(input, threads: 2), test.output.tensor, relative: 2e-6)
  }

  /// Caffe's alpha is divided by the five channels, the paper's is not.
  @Test func namedSettings() {
    #expect(Self.responseCases[0].alpha == LocalResponseNorm.caffe.alpha)
    #expect(Self.responseCases[0].k == LocalResponseNorm.caffe.bias)
    #expect(Self.responseCases[1].alpha == LocalResponseNorm.paper.alpha)
    #expect(Self.responseCases[1].k == LocalResponseNorm.paper.bias)
  }

  private func parameters(channels: Int, epsilon: Float) -> BatchNormParameters {
    BatchNormParameters(
      weight: Tensor(synthetic: [channels], stream: 1),
      bias: Tensor(synthetic: [channels], stream: 2),
      runningMean: Tensor(synthetic: [channels], stream: 3),
      runningVariance: Tensor(synthetic: [channels], stream: 4).mapped { $0 + 1.001 },
      epsilon: epsilon)
  }

  @Test(arguments: batchCases) func batchNormAgreesWithPyTorch(_ test: BatchCase) {
    let norm = parameters(channels: test.input[1], epsilon: test.epsilon)
    let result = norm(Tensor(synthetic: test.input, stream: 0), threads: 2)
    // Three roundings of numbers up to 15 (the smallest variances are near 0.02).
    expectClose(result, test.output.tensor, absolute: 2e-6, relative: 2e-7)
  }

  /// Folded, the convolution alone gives what convolution and normalisation gave, with a bias of
  /// its own and without, also in groups.
  @Test(arguments: [1, 2], [false, true]) func foldingKeepsTheResult(groups: Int, hasBias: Bool) {
    let input = Tensor(synthetic: [2, 4, 7, 6], stream: 0)
    let weight = Tensor(synthetic: [6, 4 / groups, 3, 3], stream: 5)
    let bias = hasBias ? Tensor(synthetic: [6], stream: 6) : nil
    let norm = parameters(channels: 6, epsilon: 1e-5)
    let window = Window(kernel: 3, padding: .explicit(1))
    let convolution = ConvolutionOperation(
      weight: weight, bias: bias, window: window, groups: groups)
    let expected = norm(convolution(input))
    let folded = convolution.folding(norm)
    #expect(folded.weight.shape == weight.shape)
    let result = folded(input)
    // Sums of 36 products, of size 4, times factors up to 7: 28 with some 10 roundings of 6e-8.
    expectClose(result, expected, absolute: 2e-5)
  }

  /// The shift of the mean and the bias of the norm cancel to one part in a million: Float32 on the
  /// way would leave three digits.
  @Test func foldingComputesInDoublePrecision() throws {
    func one(_ value: Float) -> Tensor { Tensor(shape: [1], elements: [value]) }
    let norm = BatchNormParameters(
      weight: one(3), bias: one(2000), runningMean: one(1000), runningVariance: one(2),
      epsilon: 0.25)
    let folded = ConvolutionOperation(
      weight: Tensor(shape: [1, 1, 1, 1], elements: [0.1]), bias: one(0.001),
      window: Window(kernel: 1)
    ).folding(norm)
    #expect(folded.weight.elements == [0.2])
    expectClose(try #require(folded.bias).elements, [0.002], relative: 1e-7)
  }
}
