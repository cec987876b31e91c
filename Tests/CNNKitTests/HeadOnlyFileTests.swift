import CNNCore
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// A file that holds only what was trained finds the rest in its base, and only in that.
@Suite struct HeadOnlyFileTests {
  private static let head: Set = ["fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"]

  /// LeNet for ten classes as a plain file, from which the convolutions and fc1 are taken.
  private func writeBase(_ model: SmallModel, to path: FilePath, nudging: Bool = false) throws {
    let network = try CNNModel.leNet5.network()
    let published = Parameters.random(for: network, seed: 9)
    let arrays = network.parameters.map { parameter in
      let isTaken = parameter.name.hasPrefix("conv") || parameter.name.hasPrefix("fc1")
      var tensor = (isTaken ? model.parameters : published)[parameter.name].tensor()
      if nudging, parameter.name == "conv2.bias" {
        tensor.withUnsafeMutableElements { $0[3] = $0[3].nextUp }
      }
      return NamedArray(name: parameter.name, tensor)
    }
    try WeightsFile.write(try NamedArrays(arrays), to: path)
  }

  @Test func theRestComesFromTheBase() throws {
    let model = try SmallModel(linearLayout: .outputInput)
    try withTemporaryFolder { folder in
      let base = folder.appending("weights/base.safetensors")
      let path = folder.appending("runs/a/head.safetensors")
      for file in [base, path] { try Folder.create(at: file.removingLastComponent()) }
      try writeBase(model, to: base)
      try model.write(to: path, .only(Self.head, base: base))
      #expect(try WeightsFile.read(path).names.count == Self.head.count + 1)
      let file = try ModelFile(contentsOf: path)
      #expect(file.base?.file == "../../weights/base.safetensors")
      #expect(file.ownParameters == Self.head)
      model.expectSame(try file.parameters())
      // Both together may move.
      let moved = folder.appending("elsewhere")
      try FileManager.default.createDirectory(
        atPath: moved.string, withIntermediateDirectories: true)
      for name in ["weights", "runs"] {
        try FileManager.default.moveItem(
          atPath: folder.appending(name).string, toPath: moved.appending(name).string)
      }
      let movedPath = moved.appending("runs/a/head.safetensors")
      model.expectSame(try PretrainedNetwork(weights: movedPath).parameters)
      // The one alone needs to be told.
      let alone = folder.appending("head.safetensors")
      try FileManager.default.moveItem(atPath: movedPath.string, toPath: alone.string)
      #expect(code { try PretrainedNetwork(weights: alone) } == .baseNotFound)
      var options = LoadingOptions()
      options.base = moved.appending("weights/base.safetensors")
      model.expectSame(try PretrainedNetwork(weights: alone, options: options).parameters)
    }
  }

  @Test func anotherBaseIsRefusedWithBothHashes() throws {
    let model = try SmallModel(linearLayout: .outputInput)
    try withTemporaryFolder { folder in
      let (base, path) = (folder.appending("base"), folder.appending("head"))
      try writeBase(model, to: base)
      try model.write(to: path, .only(Self.head, base: base))
      try writeBase(model, to: base, nudging: true)
      let error = #expect(throws: CNNError.self) { try PretrainedNetwork(weights: path) }
      #expect(error?.code == .mismatch)
      #expect(error?.found?.count == 32 && error?.expected?.count == 32)
      #expect(error?.found != error?.expected)
    }
  }

  /// A whole model file may be the base, with linear weights in either order.
  @Test func aModelFileIsABaseToo() throws {
    let model = try SmallModel()
    try withTemporaryFolder { folder in
      let (base, path) = (folder.appending("base"), folder.appending("head"))
      try model.write(to: base)
      try model.write(to: path, .only(Self.head, base: base))
      model.expectSame(try ModelFile(contentsOf: path).parameters())
      let third = folder.appending("third")
      try model.write(to: third, .only(Self.head, base: path))
      #expect(code { try ModelFile(contentsOf: third).parameters() } == .unsupported)
      try model.write(to: path, .only(Self.head, base: path))
      #expect(code { try ModelFile(contentsOf: path).parameters() } == .unsupported)
    }
  }
}
