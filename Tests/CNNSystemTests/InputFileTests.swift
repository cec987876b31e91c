import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// Files are opened without waiting, and what is no file is called by its name.
@Suite struct InputFileTests {
  private let temporary: TemporaryFolder
  private var folder: URL { temporary.url }

  init() throws {
    temporary = try TemporaryFolder()
  }

  private func path(_ name: String) -> FilePath { temporary.path(name) }

  private func error(_ path: FilePath) -> CNNError? {
    do throws(CNNError) {
      _ = try InputFile(path, domain: .picture)
      return nil
    } catch {
      return error
    }
  }

  @Test func readsAndMapsTheSameBytes() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: folder.appendingPathComponent("a"))
    let file = try InputFile(path("a"), domain: .weights)
    #expect(file.size == 10_000)
    #expect(try file.read().array == bytes)
    #expect(try file.read(first: 70).array == Array(bytes[..<70]))
    let mapped = try file.map()
    #expect(mapped.isMapped && mapped.array == bytes)
    #expect(mapped[100..<200].array == Array(bytes[100..<200]))
    let error = #expect(throws: CNNError.self) { try file.read(limit: 9999) }
    #expect(error?.code == .tooLarge)
  }

  @Test func theStartIsReadAlone() throws {
    try Data("abcdef".utf8).write(to: folder.appendingPathComponent("a"))
    #expect(try InputFile(path("a"), domain: .weights).read(first: 3).array == Array("abc".utf8))
    #expect(try InputFile(path("a"), domain: .weights).read(first: 99).count == 6)
  }

  @Test func whatIsNoFileIsCalledByItsName() throws {
    try Data().write(to: folder.appendingPathComponent("empty"))
    try FileManager.default.createSymbolicLink(
      atPath: path("loop").string, withDestinationPath: "loop")
    #expect(mkfifo(path("pipe").string, 0o600) == 0)
    #expect(error(path("missing"))?.code == .notFound)
    #expect(error(path("empty"))?.code == .empty)
    #expect(error(path("loop"))?.problem.contains("loop") == true)
    #expect(error(path("pipe"))?.problem.contains("FIFO") == true)
    #expect(error(FilePath(folder.path))?.problem.contains("folder") == true)
    #expect(error("/dev/null")?.problem.contains("device") == true)
    #expect(error(path("empty"))?.subject == path("empty").displayName)
  }
}
