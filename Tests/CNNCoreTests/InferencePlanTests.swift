import CNNCore
import CNNTestSupport
import Testing

/// Plans with several outputs, with all kernels that the machine has.
@Suite struct InferencePlanTests {
  /// Every kind of step: fused convolutions, a sum, a concatenation in place, poolings, dropout, linear.
  private func network() throws -> Network {
    try Network(
      name: "branches", inputShape: [3, 12, 10],
      steps: [
        (
          "conv1", .convolution(Convolution(channels: 32, kernel: 3, padding: .explicit(1))),
          ["input"]
        ),
        ("norm1", .batchNorm(epsilon: 1e-5), ["conv1"]), ("relu1", .relu, ["norm1"]),
        (
          "conv2", .convolution(Convolution(channels: 32, kernel: 3, padding: .explicit(1))),
          ["relu1"]
        ),
        ("norm2", .batchNorm(epsilon: 1e-5), ["conv2"]), ("sum", .add, ["norm2", "relu1"]),
        ("relu2", .relu, ["sum"]), ("drop", .dropout(rate: 0.5), ["relu2"]),
        ("left", .convolution(Convolution(channels: 16, kernel: 1)), ["drop"]),
        (
          "right", .convolution(Convolution(channels: 48, kernel: 3, padding: .explicit(1))),
          ["drop"]
        ),
        ("joined", .concat, ["left", "right"]),
        ("pool", .maxPool(Window(kernel: 2, stride: 2)), ["joined"]),
        ("global", .globalAveragePool, ["pool"]),
        ("fc", .linear(outputs: 7), ["global"]), ("prob", .softmax, ["fc"]),
      ])
  }

  /// Outputs between which nothing else is fused than in plans of their own: the same bits.
  @Test(
    arguments: KernelSet.available,
    [
      ["prob", "relu1"], ["relu2", "pool", "fc"], ["joined", "prob"], ["fc", "fc"],
      ["joined", "global"], ["relu1"],
    ])
  func severalOutputs(_ kernels: KernelSet, outputs: [String]) throws {
    let network = try network()
    let parameters = SyntheticNumbers.parameters(of: network)
    let options = InferenceOptions(kernels: kernels)
    let input = SyntheticNumbers.input([3] + network.inputShape)
    for threads in 1...3 {
      let plan = InferencePlan(
        network: network, parameters: parameters, outputs: outputs, threads: threads,
        options: options)
      let results = plan.runAll(input)
      #expect(Set(results.keys) == Set(outputs) && plan.outputs == outputs)
      for output in outputs {
        let alone = InferencePlan(
          network: network, parameters: parameters, output: output, threads: 2, options: options)
        #expect(results[output]?.bitPatterns == alone.run(input).bitPatterns, "\(output)")
        #expect(results[output]?.shape == [3] + alone.outputShape)
      }
      #expect(plan.run(input).bitPatterns == results[outputs[0]]?.bitPatterns)
      #expect([3] + plan.outputShape == results[outputs[0]]?.shape)
    }
  }

  /// Every node at once: nothing is fused, and the results differ in rounding alone.
  @Test(arguments: KernelSet.available) func allNodes(_ kernels: KernelSet) throws {
    let network = try network()
    let parameters = SyntheticNumbers.parameters(of: network)
    let names = network.nodes.map(\.name)
    let input = SyntheticNumbers.input([2] + network.inputShape)
    func plan(_ outputs: [String], _ kernels: KernelSet) -> InferencePlan {
      InferencePlan(
        network: network, parameters: parameters, outputs: outputs, threads: 2,
        options: InferenceOptions(kernels: kernels))
    }
    let results = plan(names, kernels).runAll(input)
    #expect(results.count == names.count)
    for name in names {
      let expected = plan([name], .blas).run(input)
      let result = try #require(results[name])
      let largest = expected.elements.map(abs).max() ?? 0
      // Sums of up to 288 products in another order, and Winograd's transforms.
      expectClose(result, expected, absolute: 5e-6 * largest, name)
    }
  }

  /// What no output needs is not computed.
  @Test(arguments: KernelSet.available) func neededNodesOnly(_ kernels: KernelSet) throws {
    let network = try network()
    let plan = InferencePlan(
      network: network, parameters: SyntheticNumbers.parameters(of: network),
      outputs: ["left", "relu1"], options: InferenceOptions(kernels: kernels))
    #expect(plan.network.nodes.map(\.name).last == "left")
    #expect(!plan.network.nodes.contains { $0.name == "right" })
    #expect(plan.steps.map(\.node).contains("left"))
  }
}
