import CNNCore
import CNNSystem
import CNNTestSupport
import CNNWeights
import Testing

/// Every origin's file leads to the same logits, and what does not fit is told in full.
@Suite struct BindingTests {
  let network: Network
  let parameters: Parameters
  let input: Tensor
  let logits: Tensor

  init() throws {
    // A small VGG with a feature map that is not square, so that no order can pass for another.
    network = try VGG.network(
      .a, NetworkOptions(classes: 3, inputSize: Extent(height: 32, width: 64)))
    parameters = SyntheticNumbers.parameters(of: network)
    input = SyntheticNumbers.input([1, 3, 32, 64])
    logits = InferencePlan(network: network, parameters: parameters, output: "fc8").run(input)
  }

  /// The parameters as a file of that origin would hold them.
  private func arrays(_ layout: WeightsLayout) throws -> [NamedArray] {
    let names = layout.arrayNames(for: network)
    return try network.parameters.map { parameter in
      let name = try #require(names[parameter.name])
      return NamedArray(name: name, foreign(parameter, layout))
    }
  }

  private func foreign(_ parameter: ParameterDescription, _ layout: WeightsLayout) -> Tensor {
    var tensor = parameters[parameter.name].tensor()
    let isFirstLinear = parameter.name == "fc6.weight"
    if layout.flattenOrder == .heightWidthChannel, isFirstLinear {
      // [out, C, H, W] to [out, H, W, C]: the inputs in the order of a TensorFlow flatten.
      tensor = tensor.reshaped([4096, 512, 1, 2]).permuted([0, 2, 3, 1]).reshaped([4096, 1024])
    }
    switch tensor.shape.count {
    case 4 where layout.convolutionOrder == .heightWidthInputOutput:
      return tensor.permuted([2, 3, 1, 0])
    case 2 where layout.linearLayout == .inputOutput:
      return tensor.permuted([1, 0])
    case 2 where layout == .timm && isFirstLinear:
      return tensor.reshaped([4096, 512, 1, 2])
    case 2 where layout == .timm && parameter.name == "fc7.weight":
      return tensor.reshaped([4096, 4096, 1, 1])
    default:
      return tensor
    }
  }

  @Test(arguments: WeightsLayout.allCases)
  func everyLayoutIsDetectedAndGivesTheSameLogits(_ layout: WeightsLayout) throws {
    let bound = try BoundWeights(try NamedArrays(try arrays(layout)), to: network)
    #expect(bound.layout == layout)
    let plan = InferencePlan(
      network: bound.network, parameters: bound.parameters, output: "fc8")
    // Only the order of the sums of the linear layers differs.
    expectClose(plan.run(input), logits, absolute: 1e-5, layout.rawValue)
    #expect(
      bound.parameters["fc7.weight"].layout == layout.linearLayout, "used in place, not transposed")
  }

  @Test func allProblemsAreReportedAtOnce() throws {
    var file = try arrays(.native).filter { $0.name != "conv1_1.bias" && $0.name != "fc7.weight" }
    file.append(NamedArray(name: "extra", Tensor(zeros: [2])))
    let wrong = try #require(file.firstIndex { $0.name == "conv2_1.weight" })
    file[wrong] = NamedArray(name: "conv2_1.weight", Tensor(zeros: [128, 64, 1, 1]))
    let error = try #require(
      #expect(throws: CNNError.self) { try BoundWeights(try NamedArrays(file), to: network) })
    #expect(error.domain == .weights && error.code == .mismatch)
    #expect(error.found?.contains("2 missing, 1 of another shape, 1 unexpected") == true)
    #expect(
      error.details == [
        "conv2_1.weight: found [128, 64, 1, 1], expected [128, 64, 3, 3]",
        "conv1_1.bias: missing, expected [64]", "fc7.weight: missing, expected [4096, 4096]",
        "extra: unexpected, found [2]",
      ])
  }

  @Test func aTrunkNeedsNoHead() throws {
    let trunk = try NamedArrays(try arrays(.native).filter { $0.name.hasPrefix("conv") })
    let bound = try BoundWeights(trunk, to: network, lastNode: "pool5")
    #expect(bound.network.nodes.last?.name == "pool5")
    // A whole file serves a trunk too; a foreign array does not.
    _ = try BoundWeights(try NamedArrays(try arrays(.native)), to: network, lastNode: "pool3")
    let error = #expect(throws: CNNError.self) { try BoundWeights(trunk, to: network) }
    #expect(error?.code == .mismatch)
  }

  @Test func numbersThatAreNoneAreRefusedByName() throws {
    var file = try arrays(.native)
    let index = try #require(file.firstIndex { $0.name == "fc7.bias" })
    var elements = [Float](repeating: 0, count: 4096)
    elements[17] = .nan
    file[index] = NamedArray(name: "fc7.bias", Tensor(shape: [4096], elements: elements))
    let arrays = try NamedArrays(file)
    let error = #expect(throws: CNNError.self) { try BoundWeights(arrays, to: network) }
    #expect(error?.location == .tensor("fc7.bias"))
    #expect(error?.problem.contains("17") == true)
    _ = try BoundWeights(arrays, to: network, allowsNonFinite: true)
  }

  @Test func theClassCountIsReadOffTheLastLayer() throws {
    let published = try VGG.network(.a)
    for layout in WeightsLayout.allCases {
      let file = try NamedArrays(try arrays(layout))
      #expect(layout.classCount(in: file, for: published) == 3, "\(layout)")
    }
  }
}
