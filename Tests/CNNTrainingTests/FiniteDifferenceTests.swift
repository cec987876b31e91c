import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

/// Every layer in the middle of a network: the slope of the loss along random directions of each
/// trained parameter, by central differences, against the backward pass.
///
/// The first convolution's gradient has gone through the layer in question.
@Suite struct FiniteDifferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let layer: Layer
    var inputs = ["first"]
    /// Whether the result is a vector.
    var isVector = false
    var order = FlattenOrder.channelHeightWidth
    var frozen: Set<String> = []
    var testDescription: String { name }
  }

  private static let window = Window(kernel: 3, stride: 2, padding: .explicit(1), rounding: .ceil)

  static let cases: [Case] = [
    Case(
      name: "convolution in groups",
      layer: .convolution(Convolution(channels: 6, kernel: 3, stride: 2, padding: .same, groups: 2))
    ),
    Case(
      name: "frozen convolution",
      layer: .convolution(Convolution(channels: 3, kernel: Extent(height: 2, width: 3))),
      frozen: ["tested"]),
    Case(name: "maximum", layer: .maxPool(window)),
    Case(name: "mean", layer: .averagePool(window)),
    Case(name: "adaptive mean", layer: .adaptiveAveragePool(Extent(height: 3, width: 2))),
    Case(name: "global mean", layer: .globalAveragePool, isVector: true),
    Case(
      name: "response",
      layer: .localResponseNorm(LocalResponseNorm(radius: 1, alpha: 0.3, beta: 0.75, bias: 1))),
    Case(name: "batch normalisation", layer: .batchNorm(epsilon: 1e-3)),
    Case(
      name: "frozen batch normalisation", layer: .batchNorm(epsilon: 1e-3), frozen: ["tested"]),
    Case(name: "relu", layer: .relu),
    Case(name: "dropout", layer: .dropout(rate: 0.4)),
    Case(name: "flatten HWC", layer: .relu, order: .heightWidthChannel),
    Case(name: "sum of one result twice", layer: .add, inputs: ["first", "first"]),
    Case(name: "concatenation", layer: .concat, inputs: ["first", "input", "first"]),
    Case(name: "shortcut", layer: .zeroPaddedShortcut(channels: 8, stride: 2)),
    Case(name: "softmax", layer: .softmax),
  ]

  /// A kind of layer that has no backward pass would end the process of whoever trains it.
  @Test func everyKindCanBeTrained() {
    for kind in Layer.kinds { #expect(kind is any TrainableLayer.Type, "\(kind)") }
    let tested = Set(Self.cases.map { type(of: $0.layer.kind).name } + ["flatten", "linear"])
    #expect(tested == Set(Layer.kinds.map { $0.name }))
  }

  @Test(arguments: cases) func slopes(_ test: Case) throws {
    var steps: [(name: String, layer: Layer, inputs: [String])] = [
      ("first", .convolution(Convolution(channels: 4, kernel: 3)), ["input"]),
      ("tested", test.layer, test.inputs),
    ]
    if test.inputs.contains("input") {
      steps[0] = ("first", .convolution(Convolution(channels: 4, kernel: 1)), ["input"])
    }
    if !test.isVector { steps.append(("flatten", .flatten(test.order), ["tested"])) }
    steps.append(("fc", .linear(outputs: 3), [steps[steps.count - 1].name]))
    let network = try Network(name: test.name, inputShape: [2, 8, 7], steps: steps)
    let pass = TrainingPass(network: network, frozen: test.frozen, threads: 2)
    let parameters = TrainingParameters(
      SyntheticNumbers.parameters(of: network), of: pass.nodes)
    let input = SyntheticNumbers.input([4, 2, 8, 7])
    let randomness = TrainingRandomness(seed: 5, step: 2)
    func loss(_ parameters: TrainingParameters) -> (Double, ParameterGradients) {
      let forward = pass.forward(input, parameters: parameters, randomness: randomness)
      let loss = SoftmaxCrossEntropy()(forward.logits, labels: [0, 1, 2, 1])
      return (
        loss.mean,
        pass.backward(
          forward, logitsGradient: loss.logitsGradient, parameters: parameters,
          randomness: randomness)
      )
    }
    let gradients = loss(parameters).1
    #expect(gradients.entries.map(\.name) == pass.trainedParameters.map(\.name))
    for (number, entry) in gradients.entries.enumerated() {
      let gradient = entry.gradient.formed
      let direction = Tensor(synthetic: gradient.shape, stream: 50 + number)
      let value = parameters[entry.name].tensor()
      // The loss is known to some 1e-7, so the quotient to 5e-5; the curvature adds h^2, and the
      // kinks of ReLU and maximum h for the few elements that cross one.
      let h: Float = 1e-3
      func shifted(_ factor: Float) -> Double {
        var copy = parameters
        copy.replace(entry.name, with: ParameterArray(value.adding(factor, direction)))
        return loss(copy).0
      }
      let slope = (shifted(h) - shifted(-h)) / Double(2 * h)
      let expected = gradient.dot(direction)
      #expect(
        abs(slope - expected) <= 3e-4 + 3e-3 * abs(expected),
        "\(entry.name): slope \(slope), gradient \(expected)")
    }
  }
}

extension ParameterGradient {
  /// The gradient in the parameter's shape.
  var formed: Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .outerProduct(let product): product.formed(layout: .outputInput, threads: 2).gradient
    }
  }
}
