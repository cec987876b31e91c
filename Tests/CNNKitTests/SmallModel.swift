import CNNCore
import CNNImage
import CNNKit
import CNNTestSupport
import CNNSystem
import Foundation
import SystemPackage
import Testing

/// LeNet for three classes, whose first linear weight may lie `[in, out]` as TensorFlow has it.
struct SmallModel {
  static let momentum = Tensor(synthetic: [120], stream: 5)
  static let metadata = ["run.state": #"{"step": 12}"#]
  let description: ModelDescription
  let parameters: Parameters

  init(linearLayout: ParameterArray.Layout = .inputOutput) throws {
    let options = NetworkOptions(classes: 3, inputChannels: 1, inputSize: 28)
    let network = try CNNModel.leNet5.network(options).flattening(.heightWidthChannel)
    description = ModelDescription(
      network: network, labels: LabelSet(names: ["cat", "\"dog\" \u{1F415}", "d\u{F6}g, small"]),
      preprocessing: .mnist, model: "lenet5", origin: ["weights": "lenet5.npz"],
      metrics: ["val_accuracy": 0.975, "epoch": 12])
    let plain = SyntheticNumbers.parameters(of: network)
    var arrays: [String: ParameterArray] = [:]
    for parameter in network.parameters {
      let array = plain[parameter.name]
      arrays[parameter.name] =
        parameter.name == "fc1.weight"
        ? ParameterArray(shape: array.shape, layout: linearLayout, bytes: array.bytes) : array
    }
    parameters = Parameters(arrays, for: network)
  }

  func write(
    to path: FilePath, _ contents: ModelFile.Contents = .whole, parameters: Parameters? = nil
  ) throws {
    let parameters = parameters ?? self.parameters
    try ModelFile.write(
      description, to: path, contents,
      extraTensors: [("optimizer.momentum.fc1.bias", Self.momentum)],
      extraMetadata: Self.metadata
    ) { parameters[$0] }
  }
}

extension SmallModel {
  /// Expects the very bits of this model, each in its place and order.
  func expectSame(_ found: Parameters, sourceLocation: SourceLocation = #_sourceLocation) {
    for name in description.network.parameters.map(\.name) {
      let (found, expected) = (found[name], parameters[name])
      #expect(found.bytes.array == expected.bytes.array, "\(name)", sourceLocation: sourceLocation)
      #expect(
        found.layout == expected.layout && found.shape == expected.shape, "\(name)",
        sourceLocation: sourceLocation)
    }
  }
}

/// Calls `body` with a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path) }
}
