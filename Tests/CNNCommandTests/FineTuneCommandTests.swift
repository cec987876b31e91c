import CNNImage
import CNNTestSupport
import Foundation
import Testing

/// `cnn finetune` as a user runs it: small pictures, a small network, random weights.
@Suite struct FineTuneCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (classIndex, name) in ["left", "right"].enumerated() {
      for number in 0..<30 { try write(classIndex, number, to: "\(name).\(number).png") }
    }
  }

  /// Writes a picture into the folder `pictures`.
  private func write(_ classIndex: Int, _ number: Int, to name: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("pictures"), withIntermediateDirectories: true)
    let pixels = try Pixels(
      width: SyntheticPicture.side, height: SyntheticPicture.side,
      gray: SyntheticPicture.gray(classIndex: classIndex, of: 2, number: number))
    try folder.writeFile(pixels.png, to: "pictures/\(name)")
  }

  private static let training = [
    "--freeze", "conv", "--head", "24", "--dropout", "0.25", "--learning-rate", "0.02",
    "--batch", "16",
  ]

  /// Runs the verb in the folder, on the pictures there.
  private func finetune(
    _ arguments: [String] = [], model: [String] = PredictCommandTests.model,
    data: String = "pictures", in working: String = ""
  ) throws -> CommandRun {
    try CommandRun(
      ["finetune"] + model + Self.training + ["--epochs", "4", "--run", "run"] + arguments + [data],
      environment: ["CNN_CACHE": folder.file("cache")],
      in: folder.url.appendingPathComponent(working))
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: folder.url.appendingPathComponent(name))
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.file(name))
  }

  /// Expects one error, in one line that says `words`, and no result.
  private func expectError(
    _ run: CommandRun, _ status: Int32, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    let errors = run.errorLines.filter { $0.hasPrefix("cnn: error: ") }
    #expect(errors.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(errors.first?.contains(word) == true, "\(run.errors)", sourceLocation: sourceLocation)
    }
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func aRunWritesWhatOthersRead() throws {
    let run = try finetune()
    #expect(run.status == 0, "\(run.errors)")
    // 4 epochs below two lines of titles, and five lines about the end.
    #expect(run.outputLines.count == 10 && run.output.contains("all epochs are done"))
    #expect(run.errors.contains("60 pictures of 2 classes (left: 30, right: 30)"))
    for name in [
      "run.json", "train.txt", "val.txt", "classes.txt", "log.csv", "last.safetensors",
      "previous.safetensors", "best.safetensors", "plots/loss.png", "plots/accuracy.svg",
      "plots/confusion-matrix.png", "report.html",
    ] {
      #expect(exists("run/\(name)"), "\(name)")
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("run/events")).count == 1)
    // Every validation picture is classified as `cnn evaluate` and the run itself say.
    let list = try String(decoding: bytes("run/val.txt"), as: UTF8.self).split(separator: "\n")
    let pictures = list.compactMap { $0.split(separator: " ").first.map { folder.file("\($0)") } }
    #expect(pictures.count == 9)
    let weights = ["--weights", folder.file("run/best.safetensors")]
    let prediction = try CommandRun(["predict", "--json"] + weights + pictures)
    let records = try prediction.outputLines.map {
      try JSONDecoder().decode(PredictCommandTests.Record.self, from: Data($0.utf8))
    }
    let right = records.count { record in
      record.predictions.map { record.file.contains("/\($0[0].label).") } ?? false
    }
    // As in the tests of the library: the halves are far apart.
    #expect(right == 9)
    #expect(run.output.contains("100.00 % of 9 validation pictures right"))
    // Nothing is left to be done; nothing is done.
    let last = try bytes("run/last.safetensors")
    let again = try finetune()
    #expect(again.status == 0 && again.errors.contains("the run is finished already"))
    #expect(try bytes("run/last.safetensors") == last)
  }

  @Test func flagsThatCannotBeMeant() throws {
    for (flags, words) in [
      ("--epochs 0", "--epochs"), ("--epochs 99999999999999999999", "--epochs"),
      ("--batch 0", "--batch"), ("--learning-rate nan", "--learning-rate"),
      ("--learning-rate=-1", "--learning-rate"), ("--momentum 1", "--momentum"),
      ("--weight-decay=-1", "--weight-decay"), ("--clip-norm 0", "--clip-norm"),
      ("--decay-factor 2", "--decay-factor"), ("--decay-epochs 0", "--decay-epochs"),
      ("--minimum-rate=-1", "--minimum-rate"), ("--warmup-steps=-1", "--warmup-steps"),
      ("--label-smoothing 1", "--label-smoothing"), ("--nesterov --optimizer adam", "--nesterov"),
      ("--optimizer rmsprop", "'sgd' and 'adam'"), ("--schedule sometimes", "--schedule"),
      ("--class-weights left", "found \"left\""),
      ("--class-weights left:1,up:2", "found left, up, expected left, right"),
      ("--class-weights left:0,right:1", "not positive"), ("--head 8,x", "found \"8,x\""),
      ("--head 1000000,1000000", "with its new layers: it does not fit into memory"),
      ("--batch 9223372036854775807 --freeze none --input 4096", "does not fit into memory"),
      ("--dropout 1", "--dropout"), ("--keep-fc", "exclude each other"),
      ("--freeze nowhere", "no node called \"nowhere\""), ("--freeze 99", "found 99"),
      ("--short-side 5-3", "--short-side"), ("--short-side 8", "at least 28"),
      ("--variants 0", "--variants"), ("--variants 3", "--flip"),
      ("--color-shift=-1", "colour shift"), ("--name a/b", "--run and --name"),
      ("--patience 0", "--patience"), ("--target-accuracy 101", "--target-accuracy"),
      ("--time-budget 5x", "90s, 30m or 2h"), ("--validation 100", "--validation"),
      ("--cache-limit 0", "--cache-limit"), ("--seed=-1", "--seed"),
      ("--head-only", "found random weights"), ("--classes 3", "--classes"),
      ("--threads 0", "--threads"), ("--input 8", "found a 2x2 feature map"),
      ("--weights x", "exclude each other"), ("--bogus", "--bogus"),
    ] {
      let run = try finetune(flags.split(separator: " ").map(String.init))
      expectError(run, 2, words)
    }
    expectError(try finetune(model: []), 2, "--model")
    expectError(try finetune(model: ["--model", "nosuch"]), 2, "\"nosuch\"")
    // All of it is found before anything is written.
    #expect(!exists("run") && !exists("cache"))
  }

  @Test func numbersThatOverflowNothing() throws {
    let huge = "\(Int.max)"
    let run = try finetune([
      "--batch", huge, "--epochs", huge, "--warmup-steps", huge, "--patience", huge,
      "--decay-epochs", huge, "--schedule", "step", "--time-budget", "0.000001s",
    ])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("the time budget allows no further epoch"))
  }

  @Test func dataThatCannotBeTrainedWith() throws {
    expectError(try finetune(data: "none"), 4, "none: there is no such file")
    try FileManager.default.createDirectory(
      atPath: folder.file("empty"), withIntermediateDirectories: true)
    expectError(try finetune(data: "empty"), 4, "there are no pictures")
    expectError(try finetune(data: "pictures/left.1.png"), 4, "this is one picture")
    try folder.writeFile("pictures/left.1.png 0\nmissing.png 1\n".utf8, to: "list.txt")
    expectError(try finetune(data: "list.txt"), 4, "(1)")
    try folder.writeFile("pictures/left.1.png 0\npictures/left.2.png 0\n".utf8, to: "list.txt")
    expectError(try finetune(data: "list.txt"), 4, "nothing to tell apart", "at least two classes")
    try folder.writeFile("pictures/left.1.png 0\npictures/right.2.png 1\n".utf8, to: "list.txt")
    expectError(try finetune(data: "list.txt"), 4, "fewer than two pictures")
    #expect(!exists("run/last.safetensors"))
  }

  @Test func weightsThatAreRefused() throws {
    func finetune(_ weights: String) throws -> CommandRun {
      try self.finetune(model: ["--model", "lenet5", "--weights", weights])
    }
    expectError(try finetune("missing.npz"), 3, "missing.npz: there is no such file")
    try folder.writeFile("<html>".utf8, to: "page.npz")
    expectError(try finetune("page.npz"), 3, "page.npz: ", "and not weights")
    try ModelFiles.writePets(to: folder.file("pets.safetensors"))
    let pets = try bytes("pets.safetensors")
    try folder.writeFile(pets.prefix(pets.count - 4), to: "cut.safetensors")
    expectError(try finetune("cut.safetensors"), 3, "cut.safetensors")
    #expect(!exists("run"))
  }

  @Test func aBadPictureIsNamedFirstOrLeftOut() throws {
    let whole = try bytes("pictures/left.7.png")
    try folder.writeFile(whole.prefix(whole.count / 2), to: "pictures/left.7.png")
    try folder.writeFile([], to: "pictures/right.3.png")
    let run = try finetune()
    expectError(run, 4, "found 2 bad", "--skip-bad")
    for name in ["left.7.png", "right.3.png"] {
      #expect(run.errorLines.contains { $0.hasPrefix("  pictures/\(name): ") }, "\(run.errors)")
    }
    #expect(!exists("run/log.csv") && !exists("cache"))
    let skipping = try finetune(["--skip-bad"])
    #expect(skipping.status == 0, "\(skipping.errors)")
    #expect(skipping.errors.contains("2 bad pictures are left out: pictures/left.7.png"))
    let lists = try bytes("run/train.txt") + bytes("run/val.txt")
    #expect(lists.count { $0 == 0x0A } == 58)
  }

  @Test func anotherRunIsRefusedUntilItIsForgotten() throws {
    #expect(try finetune(["--epochs", "2"]).status == 0)
    let last = try bytes("run/last.safetensors")
    let other = try finetune(["--epochs", "3", "--learning-rate", "0.5", "--flip"])
    expectError(other, 2, "the folder holds another run", "--fresh")
    for line in [
      "  settings.augmentation.flipsHorizontally: false in the run, true now",
      "  settings.epochs: 2 in the run, 3 now",
      "  settings.schedule.base: 0.02 in the run, 0.5 now",
    ] {
      #expect(other.errorLines.contains(Substring(line)), "\(other.errors)")
    }
    let random = try finetune(
      ["--epochs", "2"], model: ["--model", "lenet5", "--random-weights", "2"])
    expectError(random, 2, "another run")
    #expect(random.errors.contains("  base.fingerprint: "))
    #expect(try bytes("run/last.safetensors") == last)
    let fresh = try finetune(["--epochs", "3", "--fresh"])
    #expect(fresh.status == 0, "\(fresh.errors)")
    #expect(fresh.outputLines.contains { $0.hasPrefix("     3 ") })
  }

  @Test func otherPixelsAndAMissingRecordAreRefused() throws {
    #expect(try finetune(["--epochs", "1"]).status == 0)
    try folder.writeFile(
      Array(
        #"{"resize": {"squash": {"height": 28, "width": 28}}, "resampling": "nearest", "#.utf8)
        + Array(#""channels": "gray", "divisor": 100}"#.utf8), to: "other.json")
    let other = try finetune(["--epochs", "1", "--preprocessing", "other.json"])
    expectError(other, 2, "the folder holds another run", "--fresh")
    #expect(other.errors.contains("  base.preprocessing."))
    try FileManager.default.removeItem(atPath: folder.file("run/run.json"))
    expectError(try finetune(["--epochs", "1"]), 4, "run/run.json", "record", "--fresh")
  }

  @Test func aHeadStandsOnAWholeFile() throws {
    #expect(try finetune(["--epochs", "1"]).status == 0)
    func head(on run: String, in next: String) throws -> CommandRun {
      try CommandRun(
        [
          "finetune", "--weights", "\(run)/best.safetensors", "--epochs", "1", "--run", next,
          "--head-only", "pictures",
        ], environment: ["CNN_CACHE": folder.file("cache")], in: folder.url)
    }
    let onAWhole = try head(on: "run", in: "head")
    #expect(onAWhole.status == 0, "\(onAWhole.errors)")
    expectError(
      try head(on: "head", in: "next"), 2, "head/best.safetensors", "leave --head-only out")
    #expect(!exists("next"))
  }

  /// What lies in the run's folders and is not the run's stays there.
  @Test func foreignFilesStay() throws {
    for name in ["run/events/notes.txt", "run/plots/mine.png", "run/events/deep/a.png"] {
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent(name).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      try folder.writeFile([1, 2, 3], to: name)
    }
    #expect(try finetune(["--epochs", "1"]).status == 0)
    #expect(try finetune(["--epochs", "1", "--fresh"]).status == 0)
    for name in ["run/events/notes.txt", "run/plots/mine.png", "run/events/deep/a.png"] {
      #expect(exists(name))
    }
  }

  /// The data have another name from there; what is in them is the same.
  @Test func aRunGoesOnFromAnotherWorkingFolder() throws {
    #expect(try finetune(["--run", "whole"]).status == 0)
    #expect(try finetune(["--time-budget", "0.000001s"]).status == 0)
    try FileManager.default.createDirectory(
      atPath: folder.file("else/where"), withIntermediateDirectories: true)
    let other = try finetune(
      ["--run", "../../run"], data: "../../pictures", in: "else/where")
    #expect(other.status == 0, "\(other.errors)")
    #expect(other.errors.contains("resuming after 1 of 4 epochs"))
    for name in ["best.safetensors", "last.safetensors"] {
      #expect(try bytes("run/\(name)") == bytes("whole/\(name)"), "\(name)")
    }
    // By absolute path; and other contents under the same names stay refused.
    let back = try finetune(data: folder.file("pictures"))
    #expect(back.errors.contains("the run is finished already"), "\(back.errors)")
    try write(0, 77, to: "left.5.png")
    let changed = try finetune(
      ["--run", "../../run"], data: "../../pictures", in: "else/where")
    expectError(changed, 4, "the pictures are not those that the run's lists name")
  }

  @Test func picturesOnBothSidesOfTheSplitAreToldOf() throws {
    for number in 0..<30 { try write(1, 0, to: "right.\(number).png") }
    let run = try finetune(["--epochs", "1"])
    #expect(run.status == 0)
    let list = try String(decoding: bytes("run/val.txt"), as: UTF8.self).split(separator: "\n")
    let right = list.filter { $0.hasSuffix(" 1") }
    let warnings = run.errorLines.filter { $0.hasPrefix("cnn: warning: ") }
    #expect(warnings.count == 1, "\(run.errors)")
    let line = try #require(warnings.first)
    #expect(line.contains("\(right.count) of 9 validation pictures are trained with too"))
    #expect(line.contains("(\(right[0].dropLast(2)) is the same as pictures/right."))
    #expect(line.contains("cnn data check"))
  }

  /// A trained model is trained on, and only what that changes is stored.
  @Test func aRunBeginsWithTheModelOfAnother() throws {
    #expect(try finetune(["--epochs", "1", "--run", "first"]).status == 0)
    let second = try CommandRun(
      [
        "finetune", "--weights", "first/best.safetensors", "--freeze", "conv", "--head-only",
        "--epochs", "1", "--run", "run", "pictures",
      ], environment: ["CNN_CACHE": folder.file("cache")], in: folder.url)
    #expect(second.status == 0, "\(second.errors)")
    let (all, head) = (try bytes("first/best.safetensors"), try bytes("run/best.safetensors"))
    #expect(head.count < all.count)
    let prediction = try CommandRun(
      ["predict", "--csv", "--weights", "run/best.safetensors", "pictures/left.1.png"],
      in: folder.url)
    #expect(prediction.status == 0 && prediction.output.contains(",left,"))
  }
}
