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
      for name in model.description.network.parameters.map(\.name) {
        let (found, expected) = (parameters[name], model.parameters[name])
        #expect(found.bytes.array == expected.bytes.array, "\(name)")
        #expect(found.layout == expected.layout && found.shape == expected.shape, "\(name)")
      }
      // The same file from the file, although it is the one that is replaced.
      let first = try Data(contentsOf: URL(fileURLWithPath: path.string))
      try model.write(to: path, parameters: parameters)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path.string)) == first)
    }
  }
}
