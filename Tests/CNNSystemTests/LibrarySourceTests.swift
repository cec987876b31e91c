import CNNTestSupport
import Foundation
import Testing

/// What the source of the libraries must not say.
@Suite struct LibrarySourceTests {
  /// A line of a Swift file that is not a comment.
  private struct Line: CustomStringConvertible {
    let file: String
    let number: Int
    let text: String
    /// The line before, without its indentation.
    let previous: String

    var description: String { "\(file):\(number): \(text)" }
  }

  /// The lines of all targets but the command's.
  private static let lines: [Line] = {
    let sources = TestData.packageFolder.appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String }
    return (files ?? []).filter { $0.hasSuffix(".swift") && !$0.hasPrefix("CNNCommand/") }
      .flatMap { file -> [Line] in
        let path = sources.appendingPathComponent(file)
        let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.indices.filter { !lines[$0].hasPrefix("//") }.map { index in
          Line(
            file: file, number: index + 1, text: lines[index],
            previous: index > 0 ? lines[index - 1] : "")
        }
      }
  }()

  @Test func allLibrariesAreSearched() {
    let targets = Set(Self.lines.map { $0.file.prefix { $0 != "/" } })
    #expect(
      targets.isSuperset(of: [
        "CNNSystem", "CNNCore", "CNNImage", "CNNWeights", "CNNKit", "CNNRuns",
      ]))
    #expect(Self.lines.count > 10_000)
  }

  /// A program that uses a library has none of the command's flags; see `CNNError.Remedy`.
  @Test func librariesNameNoFlagsAndNoCommands() {
    let found = Self.lines.filter { Self.namesCommand($0.text) }
    #expect(found.isEmpty, "\(found.map(\.description).joined(separator: "\n"))")
    #expect(Self.namesCommand("remedy: \"--fresh starts anew\""))
    #expect(Self.namesCommand("see `cnn models`"))
    #expect(!Self.namesCommand("{color:var(--ink);--page:#f4f5f7} a - -b"))
  }

  /// Whether a text has a flag or a call of the command in it. Variables of style sheets
  /// (`var(--ink)`, `--page:#fff`) look like flags.
  private static func namesCommand(_ text: String) -> Bool {
    let flag = /--[a-z][a-z0-9-]*/
    return text.contains("`cnn ")
      || text.matches(of: flag).contains { match in
        !text[..<match.range.lowerBound].hasSuffix("var(")
          && !text[match.range.upperBound...].hasPrefix(":#")
      }
  }

  /// All of Foundation makes a statically linked program more than three times as large as
  /// FoundationEssentials does, so it is imported only where that does not exist.
  @Test func foundationIsImportedOnlyWithoutFoundationEssentials() {
    let imports = Self.lines.filter { $0.text.hasSuffix("import Foundation") }
    #expect(imports.count >= 5)
    for line in imports { #expect(line.previous == "#else", "\(line)") }
  }

  /// The C library of the system has one name.
  @Test func theSystemIsImportedInOnePlace() {
    let names = ["Glibc", "Musl", "Darwin"].map { "import \($0)" }
    let files = Self.lines.filter { line in names.contains { line.text.hasSuffix($0) } }.map(\.file)
    #expect(Set(files) == ["CNNPlatform/Platform.swift"])
  }
}
