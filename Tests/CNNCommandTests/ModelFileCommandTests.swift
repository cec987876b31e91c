import CNNCore
import CNNTestSupport
import CNNTraining
import Foundation
import SystemPackage
import Testing

/// Verbs that take a weights file which describes itself.
@Suite struct ModelFileCommandTests {
  private let folder: TemporaryFolder
  private let weights: String
  private let picture = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path

  init() throws {
    folder = try TemporaryFolder()
    weights = folder.file("pets.safetensors")
    try ModelFiles.writePets(to: weights)
  }

  @Test func everyVerbKnowsTheModel() throws {
    let predict = try CommandRun(["predict", "--weights", weights, picture])
    #expect(predict.status == 0 && predict.errors.isEmpty)
    #expect(predict.output.contains("  cat\n") && predict.output.contains("  dog\n"))
    #expect(predict.outputLines.count == 3)
    let features = try CommandRun([
      "features", "--weights", weights, "--layer", "fc2", "--output", folder.file("f.npz"), picture,
    ])
    #expect(features.status == 0 && features.errors.contains("features 1 x 84 of node fc2"))
    let summary = try CommandRun(["summary", "--weights", weights])
    #expect(summary.status == 0 && summary.output.contains("2: cat, dog"))
    #expect(summary.output.contains("val_accuracy  0.5000") && summary.output.contains("conv2"))
    let bench = try CommandRun(["bench", "--weights", weights, "--seconds", "0", "--json"])
    #expect(bench.status == 0 && bench.output.contains(#""model":"lenet5""#))
  }

  @Test func whatIsSaidBesideTheFileCountsOrContradicts() throws {
    let labels = try folder.writeFile("hund\nkatze\n".utf8, to: "labels.txt")
    let own = try CommandRun(["predict", "--weights", weights, "--labels", labels, picture])
    #expect(own.output.contains("hund") && !own.output.contains("cat"))
    let same = try CommandRun(["predict", "--model", "lenet5", "--weights", weights, picture])
    #expect(same.output.contains("cat"))
    for (flags, words) in [
      (["--model", "vgg16"], "found lenet5, expected vgg16"), (["--classes", "10"], "found 2"),
      (["--input", "64"], "3 x"), (["--preprocessing", "torchvision"], "3 x 224 x 224"),
    ] {
      let run = try CommandRun(["predict", "--weights", weights] + flags + [picture])
      #expect(run.status == 2 && run.errorLines.count == 1, "\(flags): \(run.errors)")
      #expect(run.errors.contains(words) || flags[0] == "--input", "\(run.errors)")
    }
  }

  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func plainWeightsNameTheirModelAndTheFlag() throws {
    let plain = TestData.file("weights/resnet18_imagenet_torchvision_names.npz").path
    let run = try CommandRun(["predict", "--weights", plain, picture])
    #expect(run.status == 2 && run.errorLines.count == 1)
    #expect(run.errors.contains("weights of resnet18") && run.errors.contains("--model"))
  }

  @Test func aHeadNeedsItsBase() throws {
    let head = folder.file("runs/head.safetensors")
    try FileManager.default.createDirectory(
      atPath: folder.file("runs"), withIntermediateDirectories: true)
    try ModelFiles.writePets(to: head, base: weights)
    let whole = try CommandRun(["predict", "--csv", "--weights", weights, picture])
    #expect(
      try CommandRun(["predict", "--csv", "--weights", head, picture]).output == whole.output)
    try FileManager.default.moveItem(atPath: weights, toPath: folder.file("moved"))
    let alone = try CommandRun(["predict", "--csv", "--weights", head, picture])
    #expect(alone.status == 3 && alone.errors.contains("--base"))
    let told = try CommandRun(
      ["predict", "--csv", "--weights", head, "--base", folder.file("moved"), picture])
    #expect(told.output == whole.output)
    // Nobody needs the base to look at the file.
    #expect(try CommandRun(["summary", "--weights", head]).output.contains("pets.safetensors"))
  }

  /// The cache is listed in words and cleared by age.
  @Test func theCacheIsListedAndCleared() throws {
    let cache = folder.file("cache")
    let environment = ["CNN_CACHE": cache]
    let empty = try CommandRun(["cache"], environment: environment)
    #expect(empty.status == 0 && empty.output.contains("0 files"))
    let network = try LeNet5.network().truncated(after: "pool2")
    let parameters = SyntheticNumbers.parameters(of: network)
    let plan = InferencePlan(network: network, parameters: parameters)
    let key = FeatureKey(
      of: plan, parameters: parameters.fingerprint(for: network), preprocessing: .mnist)
    let extraction = FeatureExtraction(plan: plan, key: key)
    let pictures = [LabelledPicture(.file(FilePath(picture)), classIndex: 0)]
    _ = try extraction.run(pictures, cache: FeatureCache(folder: FilePath(cache)))
    try folder.writeFile("CNNFEAT1 and nonsense".utf8, to: "cache/damaged.features")
    let list = try CommandRun(["cache"], environment: environment)
    #expect(list.status == 0 && list.output.contains("2 files"))
    #expect(list.output.contains("lenet5 up to pool2, 16 x 4 x 4, fp32"))
    #expect(list.output.contains("damaged"))
    struct Record: Decodable {
      struct Entry: Decodable {
        let bytes: Int
        let features: Int?
        let node: String?
      }

      let entries: [Entry]
      let bytes: Int
    }
    let json = try CommandRun(["cache", "list", "--json"], environment: environment)
    let record = try JSONDecoder().decode(Record.self, from: Data(json.output.utf8))
    #expect(record.bytes == record.entries.reduce(0) { $0 + $1.bytes })
    #expect(record.entries.compactMap(\.features) == [1])
    #expect(record.entries.compactMap(\.node) == ["pool2"])
    // Used a moment ago, so not old.
    let old = try CommandRun(["cache", "clear", "--older-than", "1"], environment: environment)
    #expect(old.output == "removed: 0 files, 0 B\n")
    let all = try CommandRun(["cache", "clear", "--json"], environment: environment)
    #expect(all.output.contains(#""removed":2"#))
    #expect(try CommandRun(["cache"], environment: environment).output.contains("0 files"))
    #expect(try CommandRun(["cache", "clear", "--older-than", "-1"]).status == 2)
  }
}
