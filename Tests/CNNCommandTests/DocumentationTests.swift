import CNNCore
import CNNTestSupport
import Foundation
import Testing

/// What pages state is what the code states.
@Suite struct DocumentationTests {
  private func page(_ name: String) throws -> String {
    try String(contentsOf: TestData.packageFolder.appendingPathComponent(name), encoding: .utf8)
  }

  /// The measured errors stand in the guide, in the help and in the source.
  @Test func errorsOfPrecisions() throws {
    let guide = try page("Documentation/Accuracy.md")
    let help = try CommandRun(["predict", "--help"]).output
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for (precision, row, percent) in [
      (Precision.fp32, "| fp32 against float64 |", nil),
      (.halfFC, "| `--precision half-fc`", "at most 0.051 % of the largest"),
      (.bf16, "| `--precision bf16`", "(at most 1.3 %)"),
    ] {
      let error = String(format: "%.1e", precision.measuredError).replacing("e-0", with: "e-")
      let line = try #require(guide.split(separator: "\n").first { $0.hasPrefix(row) })
      #expect(line.contains(" \(error) "), "\(line)")
      if let percent { #expect(help.contains(percent)) }
    }
  }

  /// Every environment variable of the guide is read by the sources, and the other way round.
  @Test func environmentVariables() throws {
    let names = /CNN_[A-Z]+/
    let guide = Set(
      try page("Documentation/Command.md").matches(of: names).map { String($0.output) })
    let sources = TestData.packageFolder.appendingPathComponent("Sources")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var read: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      read.formUnion(text.matches(of: /"(CNN_[A-Z]+)"/).map { String($0.output.1) })
    }
    #expect(guide == read)
  }

  /// The guide's table of exit statuses is that of the help.
  @Test func exitStatuses() throws {
    let help = try CommandRun(["--help"]).outputLines.map { $0.drop { $0 == " " } }
    for status in 0...5 {
      let row = "| \(status) | "
      let line = try #require(
        try page("Documentation/Command.md").split(separator: "\n").first { $0.hasPrefix(row) })
      let meaning = line.dropFirst(row.count).dropLast(2)
      #expect(help.contains { $0 == "\(status)  \(meaning)" }, "\(meaning)")
    }
  }

  /// Every verb stands in the README.
  @Test func verbs() throws {
    let readme = try page("README.md")
    let help = try CommandRun(["--help"]).output
    let verbs = help.split(separator: "SUBCOMMANDS:")[1].matches(of: #/\n  ([a-z]+) /#)
    #expect(verbs.count == 9)
    for verb in verbs { #expect(readme.contains("| `cnn \(verb.output.1)` |")) }
  }
}
