import CNNCore
import CNNImage
import CNNKit
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// `cnn evaluate` on pictures of digits, by a model file that was written for the test.
@Suite struct EvaluateCommandTests {
  private let folder: TemporaryFolder
  private let weights: String

  init() throws {
    folder = try TemporaryFolder()
    weights = folder.file("pets.safetensors")
    try ModelFiles.writePets(to: weights)
    try ModelFiles.copyPictures(["cat.1.png", "cat.2.png", "dog.3.png", "dog.4.jpg"], to: folder)
  }

  struct Record: Decodable {
    struct Class: Decodable {
      let name: String
      let count: Int
      let recall: Double
    }

    struct Picture: Decodable {
      let file: String
      let `class`: Int
      let predicted: Int
    }

    let accuracy: Double
    let count: Int
    let correct: Int
    let log_loss: Double
    let top_accuracies: [String: Double]
    let classes: [Class]
    let confusion_matrix: [[Int]]
    let worst: [Picture]
    let skipped: Int
    let model: String
  }

  private func evaluate(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["evaluate", "--weights", weights] + arguments)
  }

  /// The evaluation agrees with what `cnn predict` says about each picture.
  @Test func itCountsWhatPredictSays() throws {
    let run = try evaluate(folder.file("data"), "--json")
    #expect(run.status == 0, "\(run.errors)")
    let record = try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
    let predictions = try CommandRun(
      ["predict", "--weights", weights, "--csv", folder.file("data")])
    let rows = predictions.outputLines.dropFirst().map { $0.split(separator: ",") }
    #expect(rows.count == 8)
    var (right, loss) = (0, 0.0)
    for row in rows {
      let isOwn = row[0].contains("/\(row.dropFirst(3)[3]).")
      if isOwn, row[1] == "1" { right += 1 }
      if isOwn { loss -= log(try #require(Double(row[row.count - 1]))) }
    }
    #expect(record.count == 4 && record.correct == right && record.skipped == 0)
    #expect(record.accuracy == Double(right) / 4)
    #expect(record.top_accuracies == ["1": record.accuracy])
    // Probabilities are printed with all their digits; four logarithms are summed.
    #expect(abs(record.log_loss - loss / 4) < 1e-6)
    #expect(record.classes.map(\.name) == ["cat", "dog"])
    #expect(record.confusion_matrix.map { $0.reduce(0, +) } == [2, 2])
    #expect(record.confusion_matrix[0][0] + record.confusion_matrix[1][1] == right)
    #expect(record.worst.count == 4)
    #expect(record.model == "lenet5")
  }

  @Test func theTableFitsATerminal() throws {
    let run = try evaluate(folder.file("data"), "--show", "0")
    #expect(run.status == 0)
    for word in ["accuracy", "log loss", "precision", "true \\ predicted"] {
      #expect(run.output.contains(word))
    }
    #expect(run.outputLines.allSatisfy { $0.count <= 80 && $0.last != " " })
    let csv = try evaluate(folder.file("data"), "--csv")
    #expect(csv.outputLines.count == 5)
    #expect(csv.outputLines[0].hasPrefix("file,label,predicted,"))
  }

  @Test func badPicturesAreNamedOrLeftOut() throws {
    let bad = try folder.writeFile("no picture".utf8, to: "data/dog.5.jpg")
    let run = try evaluate(folder.file("data"))
    #expect(run.status == 4 && run.output.isEmpty)
    #expect(run.errors.contains("1 of 5 pictures cannot be read"))
    #expect(run.errors.contains("\(bad): this is a text file") && run.errors.contains("--skip-bad"))
    let skipping = try evaluate(folder.file("data"), "--skip-bad", "--json")
    #expect(skipping.status == 0 && skipping.errors.contains("left out: \(bad)"))
    let record = try JSONDecoder().decode(Record.self, from: Data(skipping.output.utf8))
    #expect(record.count == 4 && record.skipped == 1)
  }

  @Test func classesAreMatchedByName() throws {
    // In the list dog comes first, and its number is 0.
    let list = try folder.writeFile(
      "data/dog.3.png 0\ndata/cat.1.png 1\n".utf8, to: "list.txt")
    try folder.writeFile("dog\ncat\n".utf8, to: "classes.txt")
    let run = try evaluate(list, "--csv")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.outputLines[1].contains("dog.3.png,dog,"))
    #expect(run.outputLines[2].contains("cat.1.png,cat,"))
    try folder.writeFile("dog\nhorse\n".utf8, to: "classes.txt")
    let strange = try evaluate(list)
    #expect(strange.status == 4)
    #expect(strange.errors.contains("found horse, expected cat, dog"))
  }

  @Test func aPartOfASplitDataSetIsChosen() throws {
    let pictures = folder.file("data")
    #expect(
      try CommandRun(
        ["data", "split", pictures, "--validation", "50", "-o", folder.url.path]).status == 0)
    let usual = try evaluate(folder.url.path, "--csv")
    #expect(usual.outputLines.count == 3 && usual.errors.contains("evaluated: validation"))
    #expect(try evaluate(folder.url.path, "--csv", "--part", "all").outputLines.count == 5)
    #expect(try evaluate(folder.url.path, "--part", "test").status == 4)
  }

  /// Kaggle's test pictures have numbers and no classes.
  @Test func kagglesFileNeedsNoClasses() throws {
    let unlabelled = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("data")
    for (name, number) in [("cat.1.png", 10), ("dog.3.png", 2)] {
      try unlabelled.writeFile(
        Data(contentsOf: data.appendingPathComponent(name)), to: "\(number).png")
    }
    let output = folder.file("submission.csv")
    let run = try evaluate(unlabelled.url.path, "--kaggle", output)
    #expect(run.status == 0 && run.output.isEmpty, "\(run.errors)")
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    #expect(lines.first == "id,label" && lines.count == 3)
    let predictions = try CommandRun(
      ["predict", "--weights", weights, "--csv", unlabelled.file("10.png")])
    let dog = try #require(predictions.outputLines.first { $0.contains(",dog,") })
    let probability = try #require(Float(dog.split(separator: ",").last ?? ""))
    let line = try #require(lines.last)
    #expect(line.hasPrefix("10,") && Float(line.dropFirst(3)) == probability)
    // Without it, pictures of unknown classes are no data set, and what cannot be written is said
    // before anything is computed.
    #expect(try evaluate(unlabelled.url.path).status == 4)
    #expect(try evaluate(unlabelled.url.path, "--kaggle", folder.file("no/x.csv")).status == 5)
    let digits = try CommandRun(
      ["evaluate"] + PredictCommandTests.model + [unlabelled.url.path, "--kaggle", output])
    #expect(digits.status == 2 && digits.errors.contains("two classes"))
  }

  /// The figures that other tests found for these photos.
  @Test(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
  func numbersOfImageNetAreItsClasses() throws {
    let run = try CommandRun([
      "evaluate", "--json", "--model", "resnet18", "--weights",
      TestData.file("weights/resnet18_imagenet_torchvision_names.npz").path,
      TestData.file("imagenet-photos/labels.txt").path,
    ])
    let record = try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
    #expect(record.count == 50 && record.correct == 35)
    #expect(record.classes.count == 1000)
  }
}
