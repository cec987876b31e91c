import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// A file appears whole or not at all, and nothing else is ever replaced.
@Suite struct AtomicFileTests {
  private let temporary: TemporaryFolder
  private var folder: URL { temporary.url }

  init() throws {
    temporary = try TemporaryFolder()
  }

  private func path(_ name: String) -> FilePath { temporary.path(name) }

  private func write(_ text: String, to path: FilePath) throws {
    var file = try AtomicFile(path)
    try file.write(text.utf8)
    try file.commit()
  }

  private func contents(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(
      atPath: folder.appendingPathComponent(name).path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  @Test func theOldFileStandsUntilTheNewOneIsWhole() throws {
    try write("old", to: path("a"))
    do {
      var file = try AtomicFile(path("a"))
      try file.write("new".utf8)
      #expect(try contents("a") == "old")
    }
    #expect(try contents("a") == "old")
    #expect(try names == ["a"])
    try write("new", to: path("a"))
    #expect(try contents("a") == "new")
    #expect(try names == ["a"])
  }

  @Test func earlierBytesCanBeReplaced() throws {
    var file = try AtomicFile(path("a"))
    try file.write("0123".utf8)
    try file.overwrite("ab".utf8, at: 1)
    try file.write("4".utf8)
    try file.commit()
    #expect(try contents("a") == "0ab34")
  }

  @Test func permissionsAndLinksAreKept() throws {
    try write("secret", to: path("a"))
    #expect(chmod(path("a").string, 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: path("link").string, withDestinationPath: "a")
    try write("new secret", to: path("link"))
    #expect(try contents("a") == "new secret")
    #expect(try mode("a") == 0o600)
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: path("link").string)
    #expect(link == "a")
  }

  /// As root, a rename would replace `/dev/null` for everybody.
  @Test func onlyFilesAreReplaced() throws {
    #expect(mkfifo(path("pipe").string, 0o600) == 0)
    for (target, word) in [
      (path("pipe"), "FIFO"), (FilePath(folder.path), "folder"), ("/dev/null", "device"),
    ] {
      let error = #expect(throws: CNNError.self) { _ = try AtomicFile(target) }
      #expect(error?.domain == .output && error?.problem.contains(word) == true, "\(target)")
    }
    #expect(try names == ["pipe"])
  }

  @Test func namesAsLongAsTheSystemTakesThem() throws {
    let name = String(repeating: "n", count: 255)
    try write("x", to: path(name))
    #expect(try contents(name) == "x")
    let missing = #expect(throws: CNNError.self) { _ = try AtomicFile(path("no/such")) }
    #expect(missing?.remedy?.text.contains("folder") == true)
  }
}
