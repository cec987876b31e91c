import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

@Suite struct FolderTests {
  @Test func filesComeInTheOrderOfTheirBytes() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    let inner = folder.appendingPathComponent("b")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    for name in ["c.png", "b/a.png", "B.png", ".hidden", "\u{E9}.png"] {
      try Data("x".utf8).write(to: folder.appendingPathComponent(name))
    }
    // A loop of folders, and a link to a file, which counts.
    try FileManager.default.createSymbolicLink(
      atPath: inner.appendingPathComponent("up").path, withDestinationPath: "..")
    try FileManager.default.createSymbolicLink(
      atPath: folder.appendingPathComponent("z").path, withDestinationPath: "c.png")
    let files = try Folder.files(below: FilePath(folder.path), domain: .data)
    let names = files.map { String($0.string.dropFirst(folder.path.count + 1)) }
    #expect(names == ["B.png", "b/a.png", "c.png", "z", "\u{E9}.png"])
    #expect(throws: CNNError.self) { try Folder.files(below: "/no/such", domain: .data) }
  }

  @Test func everyNameIsShownOnOneLineAndNoTwoAlike() {
    let names: [[UInt8]] = [
      Array("plain \u{E9}\u{1F415}.jpg".utf8), Array("a\nb".utf8), Array("a\\nb".utf8),
      [0x63, 0xE9, 0x2E], Array("\u{1B}[31m".utf8), Array("\u{9B}x".utf8),
    ]
    let shown = names.map { FilePath(bytes: $0).displayName }
    #expect(
      shown == [
        "plain \u{E9}\u{1F415}.jpg", "a\\nb", "a\\\\nb", "c\\xe9.", "\\x1b[31m", "\\xc2\\x9bx",
      ])
  }
}
