import CNNCore
import CNNTestSupport
import Testing

/// Weights come in two orders and are packed at two times: the results have the same bits.
@Suite struct PackingTests {
  /// Convolutions with more packed weights than a plan keeps in any case, 5 MB: of all forms of
  /// Winograd's, with groups, with channels that fill no block, and with more tiles than one step
  /// transforms.
  static let large: [KernelTests.Case] = [
    large(channels: 192, Convolution(channels: 208, kernel: 3, padding: .explicit(1)), 13, 14),
    large(channels: 200, Convolution(channels: 195, kernel: 3, padding: .explicit(1)), 97, 99),
    large(
      channels: 384, Convolution(channels: 224, kernel: 3, padding: .explicit(1), groups: 2), 9, 6),
    large(channels: 512, Convolution(channels: 256, kernel: 3, padding: .explicit(1)), 7, 7),
    large(channels: 192, Convolution(channels: 200, kernel: 5, padding: .explicit(2)), 13, 9),
  ]

  private static func large(
    channels: Int, _ settings: Convolution, _ height: Int, _ width: Int
  ) -> KernelTests.Case {
    KernelTests.Case(
      name: "\(channels) to \(settings.channels), \(settings.window.kernel)",
      input: [3, height, width],
      steps: [
        ("stem", .convolution(Convolution(channels: channels, kernel: 1)), [Network.inputName]),
        ("conv", .convolution(settings), ["stem"]), ("relu", .relu, ["conv"]),
      ],
      kernel: "winograd")
  }

  @Test(arguments: large, KernelTests.ownKernels)
  func packedInEachRun(_ example: KernelTests.Case, kernels: KernelSet) throws {
    let network = try Network(name: example.name, inputShape: example.input, steps: example.steps)
    let parameters = SyntheticNumbers.parameters(of: network)
    let input = SyntheticNumbers.input([2] + example.input)
    func result(_ packing: PackingTime, threads: Int) -> Tensor {
      let plan = InferencePlan(
        network: network, parameters: parameters, threads: threads,
        options: InferenceOptions(kernels: kernels, packing: packing))
      #expect(plan.steps.contains { $0.kernel.contains(example.kernel) })
      return plan.run(input)
    }
    let expected = result(.ahead, threads: 2)
    for threads in 1...3 {
      #expect(result(.eachRun, threads: threads).bitPatterns == expected.bitPatterns)
    }
  }

  @Test(arguments: KernelTests.convolutions, KernelSet.available)
  func readFromTensorFlowsOrder(_ example: KernelTests.Case, kernels: KernelSet) throws {
    let network = try Network(name: example.name, inputShape: example.input, steps: example.steps)
    let parameters = SyntheticNumbers.parameters(of: network)
    let input = SyntheticNumbers.input([1] + example.input)
    let results = [parameters, parameters.inTensorFlowsOrder(network)].map { parameters in
      InferencePlan(
        network: network, parameters: parameters, options: InferenceOptions(kernels: kernels)
      ).run(input)
    }
    #expect(results[0].bitPatterns == results[1].bitPatterns)
  }
}

extension Parameters {
  /// The same numbers with the convolution weights as `[kH, kW, I, O]`.
  fileprivate func inTensorFlowsOrder(_ network: Network) -> Parameters {
    var arrays: [String: ParameterArray] = [:]
    for parameter in network.parameters {
      let array = self[parameter.name]
      arrays[parameter.name] =
        parameter.shape.count == 4
        ? ParameterArray(
          shape: parameter.shape, layout: .inputOutput,
          bytes: array.tensor().permuted([2, 3, 1, 0]).bytes) : array
    }
    return Parameters(arrays, for: network)
  }
}
