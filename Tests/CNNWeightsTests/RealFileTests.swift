import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// Real weights against NumPy and PyTorch (`weights_real.py`): every name, shape and bit.
@Suite(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
struct RealFileTests {
  /// Name, shape, CRC-32 of the values as Float32.
  struct Fact: Decodable {
    let name: String
    let shape: [Int]
    let checksum: UInt32

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      name = try fields.decode(String.self)
      shape = try fields.decode([Int].self)
      checksum = try fields.decode(UInt32.self)
    }
  }

  @Test(arguments: [
    "bvlc_alexnet_conv_only.npy", "cifar_resnet20_legacy.th", "mnist_cnn_zip.pth",
    "resnet18_imagenet_torchvision_names.npz", "squeezenet1_0_imagenet_caffe_names.npz",
    "vgg16_conv1_1-conv3_1_only.npz",
  ])
  func holdsWhatTheReferenceReads(_ name: String) throws {
    let facts = try #require(
      try Fixture("real_weights.json").decode([String: [Fact]].self)[name])
    let file = try WeightsFile.read(FilePath(TestData.file("weights/\(name)").path))
    #expect(Set(file.names) == Set(facts.map(\.name)))
    for fact in facts {
      let array = try #require(file[fact.name])
      #expect(array.shape == fact.shape)
      #expect(array.byteCount == fact.shape.reduce(4, *))
      let floats = try array.finiteFloats()
      #expect(floats.withUnsafeBytes { crc32($0) } == fact.checksum, "\(fact.name)")
    }
  }

  @Test func ignoredEntriesAreReported() throws {
    let path = FilePath(TestData.file("weights/cifar_resnet20_legacy.th").path)
    #expect(try WeightsFile.read(path).ignored.map(\.name) == ["best_prec1"])
  }
}
