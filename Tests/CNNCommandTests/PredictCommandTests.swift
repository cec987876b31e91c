import CNNImage
import CNNTestSupport
import Foundation
import Testing

/// `cnn predict` as a user runs it. Random weights serve where labels do not matter.
@Suite struct PredictCommandTests {
  static let model = ["--model", "lenet5", "--random-weights", "1"]
  let picture = TestData.packageFolder.appendingPathComponent("Examples/sample.png").path

  struct Record: Decodable {
    struct Entry: Decodable {
      let index: Int
      let label: String
      let synset: String?
      let probability: Float
    }

    struct Fault: Decodable {
      let code: String
      let message: String
    }

    let file: String
    let model: String?
    let predictions: [Entry]?
    let warnings: [String]?
    let error: Fault?
  }

  @Test func theTableHoldsFactsOnlyWhereNobodyLooks() throws {
    let run = try CommandRun(["predict"] + Self.model + ["--top", "3", picture])
    #expect(run.status == 0)
    let lines = run.outputLines
    #expect(lines.count == 4)
    #expect(lines[0] == Substring(picture))
    #expect(lines.dropFirst().allSatisfy { $0.contains(" %  ") && !$0.contains("█") })
    #expect(run.errors.contains("the weights are random (seed 1)"))
  }

  @Test func jsonIsOneObjectALineInTheOrderOfTheFiles() throws {
    let folder = try TemporaryFolder()
    let text = try folder.writeFile("no picture".utf8, to: "text.jpg")
    let run = try CommandRun(
      ["predict"] + Self.model + ["--json", picture, text, folder.file("missing.png"), picture])
    #expect(run.status == 1)
    let records = try run.outputLines.map {
      try JSONDecoder().decode(Record.self, from: Data($0.utf8))
    }
    #expect(records.map(\.file) == [picture, text, folder.file("missing.png"), picture])
    #expect(records[0].model == "lenet5")
    #expect(records[0].predictions?.count == 5)
    #expect(records[0].warnings == [])
    #expect(records[1].error?.code == "unsupported")
    #expect(records[2].error?.code == "not-found")
    let probabilities = records[3].predictions?.map(\.probability) ?? []
    #expect(probabilities == probabilities.sorted(by: >))
    #expect(records[0].predictions?.map(\.index) == records[3].predictions?.map(\.index))
  }

  /// A large photo that the decoder scales down is another input, of nearly the same brightness.
  @Test func scaledSideIsAFlagOfReading() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<320).flatMap { row in (0..<400).map { UInt8((row * $0 / 37) % 200) } }
    let photo = try folder.writeFile(
      Pixels(width: 400, height: 320, gray: rows).jpeg(), to: "photo.jpg")
    func probabilities(_ flags: String...) throws -> [Float] {
      let run = try CommandRun(["predict"] + Self.model + flags + ["--json", photo])
      #expect(run.status == 0)
      let record = try JSONDecoder().decode(Record.self, from: Data(run.output.utf8))
      return record.predictions?.map(\.probability) ?? []
    }
    let whole = try probabilities()
    #expect(whole.count == 5)
    #expect(try probabilities("--scaled-side", "321") == whole)
    #expect(try probabilities("--scaled-side", "80") != whole)
    let refused = try CommandRun(["predict"] + Self.model + ["--scaled-side", "0", photo])
    #expect(refused.status == 2)
  }

  /// Names with commas, quotation marks and line breaks are quoted as in RFC 4180.
  @Test func commaSeparatedValuesQuoteWhatNeedsIt() throws {
    let folder = try TemporaryFolder()
    let names = (0..<10).map { $0 == 0 ? "tench, Tinca \"tinca\"" : "thing \($0)" }
    try folder.writeFile(names.joined(separator: "\n").utf8, to: "labels.txt")
    try folder.copyPicture("rgb8.png", to: "a\n\nb, c.png")
    let run = try CommandRun(
      ["predict"] + Self.model
        + ["--csv", "--top", "10", "--labels", "labels.txt", "a\n\nb, c.png"], in: folder.url)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("file,rank,index,synset,label,probability\n"))
    #expect(run.output.components(separatedBy: "\n\"a\n\nb, c.png\",").count == 11)
    #expect(run.output.components(separatedBy: ",0,,\"tench, Tinca \"\"tinca\"\"\",0.").count == 2)
    #expect(run.output.components(separatedBy: ",7,,thing 7,0.").count == 2)
    // JSON has the name itself; the table shows it on one line.
    let json = try CommandRun(
      ["predict"] + Self.model + ["--json", "a\n\nb, c.png"], in: folder.url)
    let record = try JSONDecoder().decode(Record.self, from: Data(json.output.utf8))
    #expect(record.file == "a\n\nb, c.png" && json.outputLines.count == 1)
    let table = try CommandRun(["predict"] + Self.model + ["a\n\nb, c.png"], in: folder.url)
    #expect(table.outputLines.first == "a\\n\\nb, c.png")
  }

  @Test func foldersListsAndStandardInputMeanTheSamePictures() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: picture))
    let inner = folder.url.appendingPathComponent("b")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    let files = [folder.file("a.png"), folder.file("b/c"), folder.file("d.jpg")]
    for file in files { try bytes.write(to: URL(fileURLWithPath: file)) }
    try folder.writeFile("a.png 1".utf8, to: "labels.txt")
    let base = ["predict"] + Self.model + ["--json", "--batch-size", "2"]
    let fromFolder = try CommandRun(base + [folder.url.path])
    let fromList = try CommandRun(
      base + ["-"], input: files.joined(separator: "\r\n") + "\n\n")
    #expect(fromFolder.status == 0)
    #expect(fromFolder.outputLines.count == 3)
    #expect(fromFolder.output == fromList.output)
    #expect(fromFolder.output == (try CommandRun(base + files + ["--threads", "1"]).output))
  }

  /// A name that is not UTF-8 is a name all the same.
  @Test func anyBytesAreAFileName() throws {
    let folder = try TemporaryFolder()
    try folder.writeFile(try Data(contentsOf: URL(fileURLWithPath: picture)), to: "plain.png")
    let script = """
      cd "$0" && name="$(printf 'caf\\351 \\n.png')" && mv plain.png "$name" && \
      exec "$1" predict --model lenet5 --random-weights 1 --json "$name" .
      """
    let run = try CommandRun(shell: script, [folder.url.path])
    #expect(run.status == 0)
    let files = try run.outputLines.map {
      try JSONDecoder().decode(Record.self, from: Data($0.utf8)).file
    }
    #expect(files == ["caf\\xe9 \\n.png", "./caf\\xe9 \\n.png"])
  }

  @Test func usageMistakesEndWithTwo() throws {
    let mistakes: [[String]] = [
      [], ["--model", "lenet5"], ["--model", "nothing", picture],
      Self.model + ["--top", "0", picture], Self.model + ["--json", "--csv", picture],
      Self.model + ["--input", "0x5", picture], Self.model + ["--threads", "0", picture],
      Self.model + ["--weights", "x.npz", picture],
      ["--model", "vgg16", "--random-weights", "1", "--input", "16", picture],
      ["--model", "vgg16", "--random-weights", "1", "--classes", "99999999999", picture],
      ["--model", "vgg16", "--random-weights", "1", "--input", "100000", picture],
    ]
    for arguments in mistakes {
      let run = try CommandRun(["predict"] + arguments)
      #expect(run.status == 2, "\(arguments)")
      let line = run.errorLines.first { !$0.hasPrefix("cnn: warning: ") }
      #expect(line?.hasPrefix("cnn: error: ") == true, "\(run.errors)")
      #expect(run.output.isEmpty)
    }
  }

  @Test func aListThatIsEmptyOrUnreadableIsAnError() throws {
    let empty = try CommandRun(["predict"] + Self.model + ["-"], input: "\n\n")
    #expect(empty.status == 4 && empty.errors.contains("empty"))
    // A byte order mark before the first name, as PowerShell writes it.
    let marked = try CommandRun(
      ["predict"] + Self.model + ["--csv", "-"], input: "\u{FEFF}\(picture)\r\n")
    #expect(marked.status == 0 && marked.outputLines.count == 6, "\(marked.errors)")
    let folder = try CommandRun(
      shell: "exec \"$1\" predict --model lenet5 --random-weights 1 - < \"$0\"", ["/tmp"])
    #expect(folder.status == 4 && folder.errors.contains("standard input"))
    let zeros = try CommandRun(
      ["predict"] + Self.model + ["--csv", "-"], input: "\(picture)\0\(picture)\0")
    #expect(zeros.status == 0 && zeros.outputLines.count == 11)
  }

  @Test func weightsAreFoundUnderTheirUsualNames() throws {
    let folder = try TemporaryFolder()
    let environment = ["CNN_WEIGHTS": folder.url.path]
    let nothing = try CommandRun(
      ["predict", "--model", "lenet5", picture], environment: environment)
    #expect(nothing.status == 3)
    #expect(nothing.errors.contains("--weights") && nothing.errors.contains("lenet5.safetensors"))
  }

  @Test func versionAndCompletions() throws {
    #expect(try CommandRun(["--version"]).output == "0.1.0\n")
    let completion = try CommandRun(["--generate-completion-script", "bash"])
    #expect(completion.status == 0 && completion.output.contains("predict"))
  }
}

extension CommandRun {
  /// Runs a shell script that gets `arguments` and then the path of the command.
  init(shell script: String, _ arguments: [String]) throws {
    try self.init(
      executable: URL(fileURLWithPath: "/bin/sh"),
      ["-c", script] + arguments + [Self.command.path])
  }
}
