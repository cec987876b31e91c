import CNNCore
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// Caffe's own activations of CaffeNet for one photo, layer by layer from exact weights: LRN, the
/// two groups of conv2 and Caffe's pooling are all in them.
@Suite(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
struct CaffeActivationTests {
  @Test(arguments: [
    ("conv1_relu", "relu1"), ("pool1", "pool1"), ("norm1", "norm1"), ("conv2_relu", "relu2"),
    ("pool2", "pool2"), ("norm2", "norm2"),
  ])
  func layersEqualCaffes(_ golden: String, _ node: String) throws {
    let activations = try arrays("caffenet_golden_activations.npz")
    // The file also has biases of later layers; binding wants to hear about them.
    let weights = try arrays("caffenet_conv12_exact.npz")
    let network = try CNNModel.caffeNet.network()
    let bound = try BoundWeights(weights, to: network, lastNode: "norm2")
    let plan = InferencePlan(network: bound.network, parameters: bound.parameters, output: node)
    let result = plan.run(try tensor(activations["data"]))
    // Values reach 1520 and were stored as Float32 after Caffe's own rounding.
    expectClose(result, try tensor(activations[golden]), absolute: 0.005, node)
  }

  private func arrays(_ name: String) throws -> NamedArrays {
    try WeightsFile.read(FilePath(TestData.file("alexnet-layers/\(name)").path))
  }

  private func tensor(_ array: NamedArray?) throws -> Tensor {
    let array = try #require(array)
    return ParameterArray(shape: array.shape, bytes: try array.floats()).tensor()
  }
}
