import CNNCore
import CNNKit
import CNNSystem
import CNNTestSupport
import Foundation
import Testing

/// Whole classifiers with real weights on real photos, against PyTorch and against the truth.
@Suite(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
struct PhotoClassificationTests {
  struct Golden: Decodable {
    let file: String
    let indices: [Int]
    let probabilities: [Float]
  }

  let photos = TestData.file("imagenet-photos")

  /// File name to class index.
  var labels: [String: Int] {
    get throws {
      let text = try String(
        contentsOf: photos.appendingPathComponent("labels.txt"), encoding: .utf8)
      let pairs = text.split(separator: "\n").map { $0.split(separator: " ") }
      return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), Int($0[1]) ?? -1) })
    }
  }

  /// Same weights, same preprocessing, another implementation of every step: the ten best classes
  /// and their probabilities. 1e-4 covers Float32 sums in another order, and no more: a decoder or
  /// resize that is off by one grey level moves probabilities by 1e-3.
  @Test func resNet18AgreesWithPyTorchOnEveryPhoto() throws {
    let goldens = try Fixture("resnet18_photos.json").decode([Golden].self)
    #expect(goldens.count == 50)
    let classifier = try ImageClassifier(
      model: .resNet18,
      weights: TestData.file("weights/resnet18_imagenet_torchvision_names.npz"))
    let labels = try labels
    var correct = 0
    for golden in goldens {
      let predictions = try classifier.classify(
        photos.appendingPathComponent(golden.file), top: 10)
      #expect(predictions[0].label.index == golden.indices[0], "\(golden.file)")
      let found = Dictionary(
        uniqueKeysWithValues: predictions.map { ($0.label.index, $0.probability) })
      expectClose(
        golden.indices.map { found[$0] ?? .nan }.filter { !$0.isNaN },
        zip(golden.indices, golden.probabilities).filter { found[$0.0] != nil }.map(\.1),
        absolute: 1e-4, golden.file)
      // Near ties at the end of the list may change places.
      #expect(golden.indices.prefix(5).allSatisfy { found[$0] != nil }, "\(golden.file)")
      correct += predictions[0].label.index == labels[golden.file] ? 1 : 0
    }
    print("ResNet-18: \(correct) of \(goldens.count) photos right")
    #expect(correct == 35)
  }

  @Test func squeezeNetFromCaffeNamesTheRightClass() throws {
    let classifier = try ImageClassifier(
      model: .squeezeNet1_0,
      weights: TestData.file("weights/squeezenet1_0_imagenet_caffe_names.npz"))
    #expect(classifier.pretrained.layout == .caffe)
    let correct = try labels.count { file, index in
      try classifier.classify(photos.appendingPathComponent(file), top: 1)[0].label.index == index
    }
    print("SqueezeNet 1.0: \(correct) of 50 photos right")
    #expect(correct >= 30)
  }

  /// One classifier, many tasks: the answers are those of a single one.
  @Test func aClassifierServesManyTasksAtOnce() async throws {
    let classifier = try ImageClassifier(
      model: .squeezeNet1_0,
      weights: TestData.file("weights/squeezenet1_0_imagenet_caffe_names.npz"), threads: 1)
    let files = try labels.keys.sorted().prefix(8).map { photos.appendingPathComponent($0) }
    let alone = try files.map { (file) in try classifier.classify(file) }
    let together = try await withThrowingTaskGroup(of: (Int, Classification).self) { group in
      for (index, file) in files.enumerated() {
        group.addTask { (index, try await classifier.classify(file)) }
      }
      return try await group.reduce(into: [Int: Classification]()) { $0[$1.0] = $1.1 }
    }
    for index in files.indices { #expect(together[index] == alone[index]) }
    let encoded = try Data(contentsOf: files[0])
    #expect(try await classifier.classify(encoded: encoded) == alone[0])
  }
}
