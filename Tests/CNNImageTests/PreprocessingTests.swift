import CNNCore
import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import Testing

@Suite struct PreprocessingTests {
  struct Expected: Decodable {
    let preset: String
    let width: Int
    let height: Int
    let shape: [Int]
    let crc32: UInt32
    let indices: [Int]
    let values: [Float]
  }

  /// Every preset on two pictures, against the libraries it stands for. Equal to the bit, except
  /// OpenCV's Float32 resize, which may fuse operations (see `ResizingTests`).
  @Test func sameAsOtherLibraries() throws {
    let all = try Fixture("preprocessing.json").decode([Expected].self)
    let padded = try Preprocessing(
      resize: .shortSide(180), resampling: .antialiasedBilinear, centreCrop: 225, channels: .rgb,
      divisor: 255, mean: .perChannel([0.485, 0.456, 0.406]),
      standardDeviation: [0.229, 0.224, 0.225])
    for expected in all {
      let name = "\(expected.preset) of \(expected.width)x\(expected.height)"
      let preprocessing =
        expected.preset == "padded" ? padded : try Preprocessing.preset(named: expected.preset)
      let tensor = preprocessing.apply(
        to: try formulaPicture(width: expected.width, height: expected.height))
      #expect(tensor.shape == [1] + expected.shape, "\(name)")
      let values = tensor.elements
      let isFused = preprocessing.resampling == .floatBilinear
      expectClose(
        expected.indices.map { values[$0] }, expected.values, absolute: isFused ? 6.1e-5 : 0, name)
      if !isFused {
        #expect(values.withUnsafeBytes { crc32($0) } == expected.crc32, "\(name)")
      }
    }
    #expect(Set(all.map(\.preset)) == Set(Preprocessing.presets.map(\.key) + ["padded"]))
  }

  @Test func batchIsFilledInPlace() throws {
    let preprocessing = Preprocessing.mnist48
    let pictures = try [(50, 31), (31, 50), (48, 48)].map {
      try formulaPicture(width: $0.0, height: $0.1)
    }
    var batch = Tensor(zeros: [3, 3, 48, 48])
    for (index, picture) in pictures.enumerated().reversed() {
      preprocessing.apply(to: picture, writingPicture: index, of: &batch)
    }
    #expect(batch.elements == pictures.flatMap { preprocessing.apply(to: $0).elements })
  }

  @Test func anotherInputSize() throws {
    let larger = try Preprocessing.torchvision.forInput(size: 299)
    #expect(larger.resize == .shortSide(342))
    #expect(larger.inputSize == 299)
    #expect(larger.apply(to: try formulaPicture(width: 40, height: 30)).shape == [1, 3, 299, 299])
    let wide = try Preprocessing.torchvision.forInput(size: Extent(height: 224, width: 336))
    #expect(wide.resize == .shortSide(384))
    let squashed = try Preprocessing.caffeAlexNet.forInput(size: 454)
    #expect(squashed.resize == .squash(512))
    #expect(try Preprocessing.frossard.forInput(size: 112).resize == .squash(112))
  }

  /// The error names what was asked for and the limit: of the input, and of a resize that grew with it.
  @Test(arguments: [
    ("frossard", 0, ["0x0", "8192"]), ("torchvision", 100_000, ["100000x100000", "8192"]),
    ("torchvision", 8000, ["8000x8000", "9143x9143", "8192"]),
  ])
  func tooLargeInput(preset: String, size: Int, words: [String]) throws {
    let error = try #require(throws: CNNError.self) {
      try Preprocessing.preset(named: preset).forInput(size: Extent(square: size))
    }
    #expect(error.code == .invalidShape)
    for word in words { #expect(error.description.contains(word), "\(error)") }
  }

  @Test func descriptions() {
    #expect(
      Preprocessing.torchvision.description
        == "short side 256 (bilinear, antialiased), centre crop 224x224, RGB, "
        + "(x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]")
    #expect(
      Preprocessing.keras.description
        == "squash to 224x224 (nearest), BGR, x - [103.939, 116.779, 123.68]")
    #expect(Preprocessing.mnist.description.hasSuffix("gray, (x / 255 - 0.5) / 0.5"))
    #expect(Preprocessing.mnist48.description.hasSuffix("gray three times, x / 255"))
    #expect(
      Preprocessing.vggTensorFlowTutorial.description
        == "contrast stretched to 0...255, squash to 224x224 (bilinear, antialiased), BGR, "
        + "x - mean of the picture")
  }

  /// An extreme picture takes no more memory than the input.
  @Test func extremePictures() throws {
    let line = try Pixels(width: 1, height: 65_535, gray: [UInt8](repeating: 9, count: 65_535))
    for (name, preset) in Preprocessing.presets {
      let tensor = preset.apply(to: line)
      #expect(
        tensor.shape.dropFirst(2) == [preset.inputSize.height, preset.inputSize.width], "\(name)")
    }
    let ramp = try Pixels(width: 65_535, height: 1, gray: (0..<65_535).map { UInt8($0 / 256) })
    let tensor = Preprocessing.torchvision.apply(to: ramp)
    // The middle of the ramp is 127 or 128 everywhere in the crop.
    let middle = tensor.elements[0]
    #expect(abs(middle - (127.5 / 255 - 0.485) / 0.229) <= 0.5 / 255 / 0.229 + 1e-5)
  }

  @Test func unknownPreset() throws {
    let error = try #require(throws: CNNError.self) { try Preprocessing.preset(named: "tf") }
    #expect(error.description.contains("torchvision-v2"))
  }
}
