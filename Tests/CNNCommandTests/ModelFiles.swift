import CNNCore
import CNNImage
import CNNKit
import CNNTestSupport
import Foundation
import SystemPackage

/// Model files and pictures for the tests of the command.
enum ModelFiles {
  /// The parts of LeNet that a head-only file holds.
  static let head: Set = ["fc3.weight", "fc3.bias"]

  /// LeNet for cats and dogs with random weights, which `scale` multiplies; with `base` only its head
  /// is written.
  static func writePets(to path: String, base: String? = nil, scale: Float = 1) throws {
    let network = try CNNModel.leNet5.network(
      NetworkOptions(classes: 2, inputChannels: 1, inputSize: 28))
    let description = ModelDescription(
      network: network, labels: LabelSet(names: ["cat", "dog"]), preprocessing: .mnist,
      model: "lenet5", origin: ["weights": "none"], metrics: ["val_accuracy": 0.5])
    let parameters = SyntheticNumbers.parameters(of: network)
    try ModelFile.write(
      description, to: FilePath(path), base.map { .only(head, base: FilePath($0)) } ?? .whole
    ) { name in
      guard scale != 1 else { return parameters[name] }
      let tensor = parameters[name].tensor()
      return ParameterArray(
        Tensor(shape: tensor.shape, elements: tensor.elements.map { $0 * scale }))
    }
  }

  /// Small pictures under these names, in the folder `data`.
  static func copyPictures(_ names: [String], to folder: TemporaryFolder) throws {
    let pictures = ["rgb8.png", "gray8.png", "palette8.png", "ycbcr-420.jpg"]
    for (name, picture) in zip(names, pictures) {
      try folder.copyPicture(picture, to: "data/\(name)")
    }
  }
}
