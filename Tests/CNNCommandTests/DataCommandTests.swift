import CNNTestSupport
import Foundation
import Testing

@Suite struct DataCommandTests {
  /// A folder of six pictures named by class, of which one is cut.
  private func pictures() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = TestData.packageFolder.appendingPathComponent(
      "Tests/CNNImageTests/Fixtures/pictures")
    for (picture, name) in [
      ("rgb8.png", "cat.0.png"), ("gray8.png", "cat.1.png"), ("palette8.png", "cat.2.png"),
      ("ycbcr-420.jpg", "dog.0.jpg"), ("ycbcr-422.jpg", "dog.1.jpg"), ("gray.jpg", "dog.2.jpg"),
    ] {
      try folder.writeFile(Data(contentsOf: source.appendingPathComponent(picture)), to: name)
    }
    return folder
  }

  struct Check: Decodable {
    struct Finding: Decodable {
      let picture: String
      let kind: String
    }

    let count: Int
    let usable: Int
    let findings: [Finding]
  }

  @Test func checkNamesBadPictures() throws {
    let folder = try pictures()
    #expect(try CommandRun(["data", "check", folder.url.path]).status == 0)
    let whole = try Data(contentsOf: folder.url.appendingPathComponent("dog.1.jpg"))
    try folder.writeFile(whole.prefix(whole.count / 2), to: "dog.1.jpg")
    let table = try CommandRun(["data", "check", folder.url.path])
    #expect(table.status == 1)
    #expect(table.output.contains("truncated (bad): 1"))
    #expect(table.output.contains("dog.1.jpg: the JPEG ends too early"))
    #expect(table.errors.contains("6 pictures of 2 classes (cat: 3, dog: 3), files named by class"))
    let json = try CommandRun(["data", "check", folder.url.path, "--json"])
    let check = try JSONDecoder().decode(Check.self, from: Data(json.output.utf8))
    #expect(json.status == 1 && json.outputLines.count == 1)
    #expect(check.count == 6 && check.usable == 5)
    #expect(check.findings.map(\.kind) == ["truncated"])
    // Headers do not show it.
    #expect(try CommandRun(["data", "check", folder.url.path, "--headers-only"]).status == 0)
  }

  @Test func splitWritesLists() throws {
    let folder = try pictures()
    let lists = try TemporaryFolder()
    let arguments = ["data", "split", folder.url.path, "--validation", "34", "-o", lists.url.path]
    let run = try CommandRun(arguments)
    #expect(run.status == 0, "\(run.errors)")
    func list(_ name: String) throws -> [Substring] {
      try String(contentsOfFile: lists.file(name), encoding: .utf8).split(separator: "\n")
    }
    let training = try list("train.txt")
    #expect(training.count == 4)
    #expect(try list("val.txt").count == 2)
    #expect(try list("classes.txt") == ["cat", "dog"])
    for line in training {
      let isDog = line.hasPrefix(folder.file("dog."))
      #expect(line.hasSuffix(isDog ? " 1" : " 0"))
    }
    // Not again, unless asked to; and with the same seed the same.
    #expect(try CommandRun(arguments).status == 5)
    let json = try CommandRun(arguments + ["--force", "--json"])
    #expect(json.status == 0)
    #expect(json.output.contains(#""classes":["cat","dog"]"#))
    #expect(try list("train.txt") == training)
    // The lists are a data set themselves.
    let check = try CommandRun(["data", "check", lists.url.path])
    #expect(check.status == 0)
    #expect(check.errors.contains("2 more for validation"))
    #expect(try CommandRun(["data", "split", lists.url.path]).status == 4)
  }

  @Test func wrongUsageAndNoData() throws {
    let folder = try TemporaryFolder()
    #expect(try CommandRun(["data", "check", folder.file("none")]).status == 4)
    #expect(try CommandRun(["data", "check", folder.url.path]).status == 4)
    #expect(try CommandRun(["data", "split", folder.url.path, "--validation", "0"]).status == 2)
    #expect(try CommandRun(["data", "check", folder.url.path, "--threads", "0"]).status == 2)
    let list = try folder.writeFile("a.jpg cat\nb.jpg\n".utf8, to: "list.txt")
    let run = try CommandRun(["data", "check", list])
    #expect(run.status == 4)
    #expect(run.errors.contains("line 2: the label is missing"))
    let pictures = try pictures()
    let unwritable = folder.file("none/lists")
    #expect(try CommandRun(["data", "split", pictures.url.path, "-o", unwritable]).status == 5)
  }
}
