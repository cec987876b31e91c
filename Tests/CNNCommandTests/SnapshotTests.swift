import CNNTestSupport
import Foundation
import Testing

/// What the command prints, compared with files that people have read.
@Suite struct SnapshotTests {
  private static let lenet = ["--model", "lenet5", "--random-weights", "1"]
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs the command in the test's folder, with lines as wide as a usual terminal's.
  private func run(_ arguments: [String], input: String = "") throws -> CommandRun {
    try CommandRun(
      arguments, input: input,
      environment: [
        "COLUMNS": "80", "LC_ALL": "C", "CNN_CACHE": folder.file("cache"), "CNN_WEIGHTS": "weights",
        "CNN_THREADS": "2",
      ],
      in: folder.url)
  }

  @Test(arguments: [
    "", "predict", "evaluate", "finetune", "features", "summary", "data", "data check",
    "data split", "models", "bench", "cache", "cache list", "cache clear",
  ]) func help(_ verb: String) throws {
    let words = verb.split(separator: " ").map(String.init)
    let run = try run(words + ["--help"])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(run.outputLines.allSatisfy { $0.count <= 80 })
    let name = words.isEmpty ? "cnn" : words.joined(separator: "-")
    try Snapshot.expect(run.output, is: "help/\(name).txt")
  }

  @Test func models() throws {
    try Snapshot.expect(try run(["models"]).transcript(), is: "models.txt")
    let lines = try run(["models", "--json"]).outputLines
    try Snapshot.expect(lines.first.map { "\($0)\n" } ?? "", is: "models-first.json")
  }

  @Test func summary() throws {
    let transfer = [
      "--model", "vgg16", "--input", "48", "--classes", "10", "--freeze", "conv", "--head", "4096",
    ]
    try Snapshot.expect(
      try run(["summary", "--model", "lenet5"]).transcript(), is: "summary-lenet5.txt")
    try Snapshot.expect(try run(["summary"] + transfer).transcript(), is: "summary-vgg16.txt")
    try Snapshot.expect(
      try run(["summary", "--json", "--model", "lenet5"]).output, is: "summary-lenet5.json")
  }

  /// A trained model, a good and a bad picture.
  @Test func predict() throws {
    try ModelFiles.writePets(to: folder.file("pets.safetensors"))
    try ModelFiles.copyPictures(["cat.1.png", "dog.2.png"], to: folder)
    try folder.writeFile("no picture".utf8, to: "data/text.jpg")
    let predict = ["predict", "--weights", "pets.safetensors", "data"]
    let table = try run(predict)
    #expect(table.status == 1)
    try Snapshot.expect(table.transcript(), is: "predict.txt")
    for form in ["json", "csv"] {
      let text = try run(predict + ["--\(form)"]).transcript()
      try Snapshot.expect(Snapshot.rounded(text), is: "predict.\(form)")
    }
    try Snapshot.expect(
      try run(["summary", "--weights", "pets.safetensors"]).transcript(), is: "summary-pets.txt")
  }

  @Test func evaluate() throws {
    try ModelFiles.writePets(to: folder.file("pets.safetensors"))
    try ModelFiles.copyPictures(["cat.1.png", "cat.2.png", "dog.3.png", "dog.4.jpg"], to: folder)
    let evaluate = ["evaluate", "--weights", "pets.safetensors", "data"]
    try Snapshot.expect(try run(evaluate).transcript(), is: "evaluate.txt")
    for form in ["json", "csv"] {
      let text = try run(evaluate + ["--\(form)"]).transcript()
      try Snapshot.expect(Snapshot.rounded(text), is: "evaluate.\(form)")
    }
  }

  @Test func data() throws {
    for name in ["cat", "dog"] {
      for number in 1...4 { try folder.copyPicture("rgb8.png", to: "data/\(name).\(number).png") }
    }
    try folder.copyPicture("gray8.png", to: "data/dog.5.png")
    try folder.writeFile([], to: "data/cat.6.jpg")
    try Snapshot.expect(
      try run(["data", "check", "data", "--show", "2"]).transcript(), is: "data-check.txt")
    try Snapshot.expect(
      try run(["data", "check", "data", "--json"]).transcript(), is: "data-check.json")
    try FileManager.default.removeItem(at: folder.url("data/cat.6.jpg"))
    try Snapshot.expect(
      try run(["data", "split", "data", "--validation", "25"]).transcript(), is: "data-split.txt")
    try Snapshot.expect(
      try run(["data", "split", "data", "--validation", "25", "--force", "--json"]).transcript(),
      is: "data-split.json")
  }

  /// The whole of a fine-tuning, whose times are masked, and what can be done with its cache.
  @Test func fineTuneAndCache() throws {
    for name in ["left", "right"] {
      for number in 0..<20 {
        try folder.copyPicture(
          name == "left" ? "rgb8.png" : "gray8.png", to: "data/\(name).\(number).png")
      }
    }
    let finetune = [
      "finetune", "--quiet", "--freeze", "conv", "--epochs", "2", "--batch", "8", "--run", "run",
      "data",
    ]
    func masked(_ run: CommandRun) -> String {
      run.transcript(in: folder).replacing(/[0-9]+:[0-9]{2}/, with: "0:00")
    }
    try Snapshot.expect(masked(try run(finetune + Self.lenet)), is: "finetune.txt")
    try Snapshot.expect(masked(try run(finetune + Self.lenet)), is: "finetune-again.txt")
    let other = try run(finetune + Self.lenet + ["--flip"])
    try Snapshot.expect(masked(other), is: "finetune-other.txt")
    let cache = try run(["cache"]).transcript(in: folder)
    try Snapshot.expect(Snapshot.withoutNumbers(cache), is: "cache.txt")
    let cleared = try run(["cache", "clear"]).transcript()
    try Snapshot.expect(Snapshot.withoutNumbers(cleared), is: "cache-clear.txt")
  }

  @Test func features() throws {
    let picture = try folder.copyPicture("rgb8.png", to: "a.png")
    #expect(FileManager.default.fileExists(atPath: picture.string))
    let run = try run(
      ["features"] + Self.lenet + ["--layer", "pool2", "a.png", "--output", "out.npz"])
    try Snapshot.expect(run.transcript(), is: "features.txt")
  }

  @Test func bench() throws {
    let runs = [
      ["bench", "--model", "lenet5", "--seconds", "0"],
      ["bench", "--model", "lenet5", "--seconds", "0", "--training", "conv"],
    ]
    let text = try runs.map { arguments in
      try CommandRun(arguments, environment: ["LC_ALL": "C", "CNN_KERNELS": "generic"]).transcript()
    }
    try Snapshot.expect(Snapshot.withoutNumbers(text.joined()), is: "bench.txt")
  }

  /// Mistakes on the command line and in its inputs, each with its message and exit status.
  @Test func mistakes() throws {
    try folder.copyPicture("rgb8.png", to: "a.png")
    try folder.copyPicture("rgb8.png", to: "-dash.png")
    try folder.writeFile(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 60), to: "d.zip")
    try folder.writeFile("cat\ndog\n".utf8, to: "two.txt")
    try folder.writeFile("cat\ndog\ncat\n".utf8, to: "twice.txt")
    try folder.copyPicture("rgb8.png", to: "pets/cat.1.png")
    try folder.copyPicture("rgb8.png", to: "pets/dog.1.png")
    try folder.copyPicture("rgb8.png", to: "birds/crane/1.png")
    try folder.copyPicture("rgb8.png", to: "birds/hen/1.png")
    let squeezenet = ["--model", "squeezenet1.1", "--random-weights", "1"]
    let mistakes: [[String]] = [
      ["predict", "-dash.png"] + Self.lenet,
      ["predict", "-top", "3", "a.png"] + Self.lenet,
      ["predict", "https://example.org/cat.jpg"] + Self.lenet,
      ["predict", "a.png"],
      ["predict", "a.png", "--model", "vgg15"],
      ["predict", "a.png", "--model", "lenet5"],
      ["predict", "a.png", "--labels", "two.txt"] + Self.lenet,
      ["predict", "a.png", "--labels", "d.zip"] + Self.lenet,
      ["evaluate", "birds"] + squeezenet,
      ["data", "check", "d.zip"],
      ["data", "check", "pets", "--labels", "twice.txt"],
      ["data", "check", "https://example.org/pets.zip"],
      ["finetune", "pets", "--classes", "2"] + Self.lenet,
      ["features", "a.png", "--layer", "pool9", "--output", "x.npz"] + Self.lenet,
      ["summary", "--model", "vgg16", "--input", "16"],
      ["bench", "--model", "lenet5", "--threads", "0"],
    ]
    let text = try mistakes.map { arguments in
      let run = try run(arguments)
      #expect(run.status != 0, "\(arguments)")
      return "$ cnn \(arguments.joined(separator: " "))\n" + run.transcript(in: folder)
    }
    try Snapshot.expect(text.joined(separator: "\n"), is: "mistakes.txt")
  }

  /// Files whose names begin with a dash can be named in two ways.
  @Test func namesThatBeginWithADash() throws {
    try folder.copyPicture("rgb8.png", to: "-dash.png")
    for arguments in [["./-dash.png"], ["--", "-dash.png"]] {
      let run = try run(["predict", "--top", "1"] + Self.lenet + arguments)
      #expect(run.status == 0 && run.outputLines.first == arguments.last.map { $0[...] })
    }
  }
}
