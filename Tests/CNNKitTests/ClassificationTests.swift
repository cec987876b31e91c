import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import Testing

extension SmallModel {
  /// A classifier of this model, with one thread.
  func classifier(decoding: DecodingOptions = DecodingOptions()) throws -> ImageClassifier {
    ImageClassifier(
      try PretrainedNetwork(
        network: description.network, parameters: parameters,
        preprocessing: description.preprocessing, labels: description.labels),
      decoding: decoding, threads: 1)
  }

  /// Gray pictures, each of another noise.
  static func pictures(_ count: Int) throws -> [Pixels] {
    try (0..<count).map { number in
      let side = SyntheticPicture.side
      return try Pixels(
        width: side, height: side,
        gray: SyntheticPicture.gray(classIndex: number % 3, of: 3, number: number))
    }
  }
}

@Suite struct ClassificationTests {
  private let model: SmallModel
  private let classifier: ImageClassifier

  init() throws {
    model = try SmallModel()
    classifier = try model.classifier()
  }

  @Test func probabilitiesAreSortedAndSumToOne() throws {
    for picture in try SmallModel.pictures(6) {
      let all = try classifier.classify(picture)
      #expect(all.count == 3 && Set(all.map(\.label.index)) == [0, 1, 2])
      #expect(zip(all, all.dropFirst()).allSatisfy { $0.probability >= $1.probability })
      #expect(abs(all.reduce(0) { $0 + $1.probability } - 1) < 1e-6)
      // The plain operations, which know nothing of plans and labels.
      let input = model.description.preprocessing.apply(to: picture)
      let row = classifier.probabilities(of: input).elements
      #expect(all.map(\.probability) == all.map { row[$0.label.index] })
    }
  }

  /// A count is clamped to what there is.
  @Test(arguments: [(-1, 0), (0, 0), (1, 1), (3, 3), (4, 3), (.max, 3), (.min, 0)])
  func anyCountIsAllowed(count: Int, expected: Int) throws {
    #expect(try classifier.classify(try SmallModel.pictures(1)[0], top: count).count == expected)
  }

  /// Every form refuses what a network with broken weights answers.
  @Test func answersThatAreNoNumbersAreRefused() async throws {
    let name = "fc3.bias"
    var arrays = Dictionary(
      uniqueKeysWithValues: model.description.network.parameters.map {
        ($0.name, model.parameters[$0.name])
      })
    let shape = try #require(arrays[name]?.shape)
    arrays[name] = ParameterArray(
      Tensor(shape: shape, elements: [Float](repeating: .nan, count: shape.reduce(1, *))))
    let network = model.description.network
    let broken = ImageClassifier(
      try PretrainedNetwork(
        network: network, parameters: Parameters(arrays, for: network),
        preprocessing: model.description.preprocessing, labels: model.description.labels))
    let picture = try SmallModel.pictures(1)[0]
    let batch = model.description.preprocessing.apply(to: picture)
    let file = TestData.packageFolder.appendingPathComponent("Examples/sample.png")
    let bytes = try Data(contentsOf: file)
    func expectRefusal(_ classify: () throws -> Void) {
      let error = #expect(throws: CNNError.self) { try classify() }
      #expect(error?.code == .answerNotFinite)
    }
    expectRefusal { _ = try broken.classify(picture) }
    expectRefusal { _ = try broken.classify(batch: batch) }
    expectRefusal { _ = try broken.classify(file) }
    expectRefusal { _ = try broken.classify(encoded: bytes) }
    let error = await #expect(throws: CNNError.self) { _ = try await broken.classify(picture) }
    #expect(error?.code == .answerNotFinite)
    var outcomes: [ImageClassifier.Outcome<FilePath>] = []
    broken.classify(files: [FilePath(file.path)]) { outcomes += $0 }
    #expect(outcomes.count == 1 && outcomes[0].warnings.isEmpty)
    #expect(throws: CNNError.self) { try outcomes[0].result.get() }
  }

  /// The warnings of the decoder come with the answer, whatever the form.
  @Test func warningsComeWithTheAnswer() throws {
    let (whole, cut) = try Self.sample()
    #expect(try classifier.classify(encoded: whole).warnings == [])
    #expect(throws: CNNError.self) { try classifier.classify(encoded: cut) }
    let tolerant = try model.classifier(decoding: DecodingOptions(allowsTruncated: true))
    let warnings = try tolerant.classify(encoded: cut).warnings
    #expect(warnings.count == 1 && warnings[0].hasPrefix("the PNG ends too early: "))
    try withTemporaryFolder { folder in
      let path = folder.appending("cut.png")
      try cut.write(to: URL(fileURLWithPath: path.string))
      #expect(try tolerant.classify(path).warnings == warnings)
      #expect(try tolerant.classify(URL(fileURLWithPath: path.string)).warnings == warnings)
      tolerant.classify(files: [path]) { #expect($0[0].warnings == warnings) }
    }
  }

  @Test func warningsComeWithTheAnswerOfATask() async throws {
    let (whole, cut) = try Self.sample()
    let tolerant = try model.classifier(decoding: DecodingOptions(allowsTruncated: true))
    #expect(try await tolerant.classify(encoded: whole).warnings == [])
    let warnings = try await tolerant.classify(encoded: cut).warnings
    #expect(warnings.count == 1 && warnings[0].hasPrefix("the PNG ends too early: "))
  }

  /// A PNG file, and its first half.
  private static func sample() throws -> (whole: Data, cut: Data) {
    let file = TestData.packageFolder.appendingPathComponent("Examples/sample.png")
    let whole = try Data(contentsOf: file)
    return (whole, Data(whole.prefix(whole.count / 2)))
  }

  @Test func batchesOfAnotherShapeAreRefused() {
    let error = #expect(throws: CNNError.self) {
      try classifier.classify(batch: Tensor(synthetic: [2, 3, 28, 28], stream: 1))
    }
    #expect(error?.code == .mismatch && error?.found == "2 x 3 x 28 x 28")
    #expect(error?.expected == "N x 1 x 28 x 28")
  }

  @Test func partsThatContradictEachOtherAreRefused() throws {
    let description = model.description
    func error(_ labels: LabelSet, _ preprocessing: Preprocessing) -> CNNError? {
      #expect(throws: CNNError.self) {
        try PretrainedNetwork(
          network: description.network, parameters: model.parameters,
          preprocessing: preprocessing, labels: labels)
      }
    }
    let tooFew = error(LabelSet(names: ["cat"]), .mnist)
    #expect(tooFew?.code == .mismatch && tooFew?.domain == .usage && tooFew?.found == "1 labels")
    let colour = error(description.labels, .torchvision)
    #expect(colour?.code == .mismatch && colour?.found == "3 x 224 x 224")
  }

  /// A file that is held in memory may be overwritten, and the bytes of a file are as good as a file.
  @Test func weightsAreReadFromMemory() throws {
    let picture = try SmallModel.pictures(1)[0]
    let expected = try classifier.classify(picture)
    try withTemporaryFolder { folder in
      let path = folder.appending("model.safetensors")
      try model.write(to: path)
      let url = URL(fileURLWithPath: path.string)
      let bytes = try Data(contentsOf: url)
      let fromBytes = ImageClassifier(
        try PretrainedNetwork(arrays: try WeightsFile.read(bytes)), threads: 1)
      #expect(try fromBytes.classify(picture) == expected)
      var options = LoadingOptions()
      options.reading.storage = .inMemory
      let held = try ImageClassifier(weights: path, options: options, threads: 1)
      let file = try FileHandle(forUpdating: url)
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: Data(repeating: 0xFF, count: bytes.count))
      try file.close()
      #expect(try held.classify(picture) == expected)
      #expect(throws: CNNError.self) { try ImageClassifier(weights: url) }
    }
  }

  @Test func predictionsAreCodableAndLabelsACollection() throws {
    let classification = try classifier.classify(try SmallModel.pictures(1)[0], top: 2)
    let json = try JSONEncoder().encode(classification)
    #expect(try JSONDecoder().decode(Classification.self, from: json) == classification)
    let labels = model.description.labels
    #expect(labels.map(\.index) == [0, 1, 2] && labels.first?.name == "cat")
    #expect(LabelSet.imageNet.firstIndex { $0.synset == "n02504458" } == 386)
  }
}
