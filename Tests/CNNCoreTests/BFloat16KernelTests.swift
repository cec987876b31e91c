import CNNCore
import CNNSystem
import CNNTestSupport
import Testing

/// The convolutions in bfloat16 against plain loops that round as they do: the shapes, edges and
/// fusions of `KernelTests`.
@Suite struct BFloat16KernelTests {
  static let kernels = KernelSet.available.filter { $0.computes(.bf16) }
  static let absence: Comment = "needs a processor with AVX512-BF16"
  /// Those behind a 1x1 convolution of a picture, which itself stays in 32 bits.
  static let cases = KernelTests.convolutions.filter {
    $0.steps[0].name == "stem" && $0.kernel != "plain"
  }

  private func plan(
    _ network: Network, _ parameters: Parameters, output: String? = nil, threads: Int = 2,
    _ kernels: KernelSet
  ) -> InferencePlan {
    InferencePlan(
      network: network, parameters: parameters, output: output, threads: threads,
      options: InferenceOptions(kernels: kernels, precision: .bf16))
  }

  @Test(.enabled(if: !kernels.isEmpty, absence), arguments: cases, kernels)
  func equalsPlainLoops(_ example: KernelTests.Case, kernels: KernelSet) throws {
    let network = try Network(name: example.name, inputShape: example.input, steps: example.steps)
    let parameters = SyntheticNumbers.parameters(of: network)
    let packed = plan(network, parameters, kernels)
    let kernel = try #require(packed.steps.map(\.kernel).last { !$0.contains("of a picture") })
    guard kernel.contains("bf16") else {
      // Rounding the map would cost more than products of a single block gain.
      #expect(kernel.contains("1x1") && example.name.contains("to 16,"))
      return
    }

    let input = SyntheticNumbers.input([2] + example.input)
    let result = packed.run(input)
    let stem = plan(network, parameters, output: "stem", kernels).run(input)
    let expected = Tensor(
      rows: stem.rows.map { Reference(network, parameters, kernel).result($0) })
    // The kernels add in 32 bits, up to a few thousand products in each sum; Winograd's output
    // transform multiplies what is lost by up to 10. One factor that is rounded another way would
    // show as 2^-9 of a product, a missing rounding of all of them as 1e-3 of the largest result.
    let largest = expected.elements.map(abs).max() ?? 0
    expectClose(result, expected, absolute: 1e-5 * largest, example.name)

    let rows = result.rows
    for (picture, threads) in [(0, 1), (1, 3)] {
      let alone = plan(network, parameters, threads: threads, kernels).run(input.rows[picture])
      #expect(alone.bitPatterns == rows[picture].bitPatterns)
    }
  }

  /// Values that are exact in bfloat16 lose nothing in direct convolutions.
  @Test(.enabled(if: !kernels.isEmpty, absence), arguments: kernels)
  func smallIntegersAreExact(_ kernels: KernelSet) throws {
    let network = try Network(
      name: "integers", inputShape: [3, 5, 7],
      steps: [
        ("stem", .convolution(Convolution(channels: 48, kernel: 1)), [Network.inputName]),
        ("conv", .convolution(Convolution(channels: 40, kernel: 3, stride: 2)), ["stem"]),
      ])
    let arrays = SyntheticNumbers.parameters(of: network)
    func integers(_ name: String) -> ParameterArray {
      let array = arrays[name]
      let numbers = SyntheticNumbers.uniform(count: array.count, stream: name.utf8.count)
      return ParameterArray(
        Tensor(shape: array.shape, elements: numbers.map { (2 * $0).rounded() }))
    }
    let names = ["stem.weight", "stem.bias", "conv.weight", "conv.bias"]
    let parameters = Parameters(
      Dictionary(uniqueKeysWithValues: names.map { ($0, integers($0)) }), for: network)
    let input = SyntheticNumbers.input([1, 3, 5, 7]).mapped { $0.rounded() }
    let expected = InferencePlan(
      network: network, parameters: parameters, options: InferenceOptions(kernels: .blas))
    #expect(plan(network, parameters, kernels).run(input) == expected.run(input))
  }
}

/// What the network behind the stem computes: the convolution with its BatchNorm, then the residual,
/// ReLU and the largest of each 2x2.
private struct Reference {
  private let convolution: BFloat16Reference
  private let network: Network

  init(_ network: Network, _ parameters: Parameters, _ kernel: String) {
    self.network = network
    guard case .convolution(let settings) = network.nodes[1].layer else {
      preconditionFailure("the second node is the convolution")
    }
    var operation = settings.plainOperation(parameters.of(network.nodes[1]))
    if let node = network.node("norm") {
      operation = operation.folding(BatchNormParameters(parameters.of(node), epsilon: 1e-5))
    }
    let results = kernel.contains("F(4x4") ? 4 : kernel.contains("F(2x2") ? 2 : nil
    convolution = BFloat16Reference(
      weight: operation.weight,
      bias: operation.bias?.elements ?? Array(repeating: 0, count: operation.weight.shape[0]),
      settings: settings, tileResults: results)
  }

  func result(_ stem: Tensor) -> Tensor {
    let map = Tensor(shape: Array(stem.shape.suffix(3)), elements: stem.elements)
    let sums = convolution.result(map)
    var result = Tensor(shape: [1] + sums.shape, elements: sums.elements)
    for node in network.nodes.dropFirst(2) {
      switch node.layer {
      case .add:
        result = Add()(result, Tensor(shape: [1] + map.shape, elements: map.elements), threads: 1)
      case .relu: result = ReLU()(result, threads: 1)
      case .maxPool(let window): result = MaxPool(window)(result, threads: 1)
      default: break
      }
    }
    return result
  }
}
