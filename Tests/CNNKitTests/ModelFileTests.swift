import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// A model written as one file comes back as it was.
@Suite struct ModelFileTests {
  @Test func aModelComesBackAsItWas() throws {
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      let path = folder.appending("best.safetensors")
      try model.write(to: path)
      let file = try ModelFile(contentsOf: path)
      #expect(file.description == model.description)
      #expect(file.extraMetadata == SmallModel.metadata)
      #expect(try file.extraTensor("optimizer.momentum.fc1.bias") == SmallModel.momentum)
      #expect(try file.extraTensor("optimizer.none") == nil)
      #expect(file.base == nil)
      let parameters = try file.parameters()
      model.expectSame(parameters)
      // The same file from the file, although it is the one that is replaced.
      let first = try bytes(of: path)
      try model.write(to: path, parameters: parameters)
      #expect(try bytes(of: path) == first)
    }
  }

  /// Convolution weights of a mapped TensorFlow file are `[kH, kW, I, O]`; the file has them as
  /// every other reader of safetensors expects.
  @Test func convolutionsAreWrittenOutputsFirst() throws {
    let model = try SmallModel()
    let network = model.description.network
    var arrays: [String: ParameterArray] = [:]
    for parameter in network.parameters {
      let array = model.parameters[parameter.name]
      arrays[parameter.name] =
        array.shape.count == 4
        ? ParameterArray(
          shape: array.shape, layout: .inputOutput,
          bytes: array.tensor().permuted([2, 3, 1, 0]).bytes) : array
    }
    try withTemporaryFolder { folder in
      let path = folder.appending("best.safetensors")
      try model.write(to: path, parameters: Parameters(arrays, for: network))
      model.expectSame(try ModelFile(contentsOf: path).parameters())
    }
  }

  /// What the file says decides, unless the caller says more.
  @Test func itIsUsedWithoutKnowingAnythingElse() throws {
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      let path = folder.appending("best.safetensors")
      try model.write(to: path)
      let pretrained = try PretrainedNetwork(weights: path)
      #expect(pretrained.network == model.description.network)
      #expect(pretrained.labels == model.description.labels)
      #expect(pretrained.preprocessing == .mnist)
      #expect(pretrained.model?.name == "lenet5")
      model.expectSame(pretrained.parameters)
      #expect(try PretrainedNetwork(model: .leNet5, weights: path).labels.count == 3)
      let part = try PretrainedNetwork(weights: path, upTo: "pool2")
      #expect(part.network.nodes.last?.name == "pool2")
      var options = LoadingOptions()
      options.labels = LabelSet(names: ["a", "b", "c"])
      #expect(try PretrainedNetwork(weights: path, options: options).labels[1].name == "b")
      // Not for another model, other classes, or another input before a linear layer.
      #expect(code { try PretrainedNetwork(model: .vgg16, weights: path) } == .mismatch)
      options.labels = nil
      options.classes = 10
      #expect(code { try PretrainedNetwork(weights: path, options: options) } == .mismatch)
      options.classes = nil
      options.inputSize = 32
      #expect(code { try PretrainedNetwork(weights: path, options: options) } == .mismatch)
    }
  }

  /// Networks that average their last map take any input.
  @Test func aResidualNetworkTakesAnotherInput() throws {
    let network = try CNNModel.cifarResNet20.network()
    let description = ModelDescription(
      network: network, labels: .cifar10, preprocessing: .cifar, model: nil)
    let parameters = Parameters.random(for: network, seed: 1)
    try withTemporaryFolder { folder in
      let path = folder.appending("own.safetensors")
      try ModelFile.write(description, to: path) { parameters[$0] }
      var options = LoadingOptions()
      options.inputSize = Extent(height: 40, width: 48)
      let pretrained = try PretrainedNetwork(weights: path, options: options)
      #expect(pretrained.network.inputShape == [3, 40, 48])
      #expect(pretrained.model == nil)
    }
  }

  @Test func plainWeightsNeedTheNameOfTheirModel() throws {
    let network = try CNNModel.leNet5.network()
    let parameters = Parameters.random(for: network, seed: 1)
    try withTemporaryFolder { folder in
      let path = folder.appending("plain.safetensors")
      let arrays = network.parameters.map { NamedArray(name: $0.name, parameters[$0.name]) }
      try WeightsFile.write(try NamedArrays(arrays), to: path)
      let error = #expect(throws: CNNError.self) { try PretrainedNetwork(weights: path) }
      #expect(error?.code == .modelNeeded)
      #expect(error?.found == "weights of lenet5")
      #expect(throws: CNNError.self) { try ModelFile(contentsOf: path) }
    }
  }

  /// Tensors that are neither parameters nor ours are refused, and so is a missing one.
  @Test func bindingIsStrict() throws {
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      let path = folder.appending("best.safetensors")
      try model.write(to: path)
      let arrays = try WeightsFile.read(path)
      let extra = NamedArray(name: "stranger", SmallModel.momentum)
      let more = try NamedArrays(arrays.arrays + [extra], metadata: arrays.metadata)
      let fewer = try arrays.dropping { $0 == "fc2.bias" }
      for changed in [more, fewer] {
        let file = try #require(try ModelFile(changed))
        #expect(code { try file.parameters() } == .mismatch)
      }
    }
  }

  /// Whatever fails leaves the file that was there.
  @Test func aFileThatCannotBeWrittenStays() throws {
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      #expect(
        code { try model.write(to: folder.appending("none/best.safetensors")) } == .cannotWrite)
      #expect(code { try model.write(to: folder) } == .cannotWrite)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.string)
      #expect(left.isEmpty)
    }
  }
}

/// The bytes of a file.
func bytes(of path: FilePath) throws -> Data {
  try Data(contentsOf: URL(fileURLWithPath: path.string))
}

/// The code of the error that `body` throws; nil where it throws none of ours.
func code<Result>(_ body: () throws -> Result) -> CNNError.Code? {
  do {
    _ = try body()
    return nil
  } catch {
    return (error as? CNNError)?.code
  }
}
