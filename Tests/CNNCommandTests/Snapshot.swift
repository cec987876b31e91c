import CNNTestSupport
import Foundation
import Testing

/// Output of the command beside what it is known to be: a file in the folder `Snapshots`.
///
/// `RECORD_SNAPSHOTS=1` writes the files, and fails the test so that no run of the suite passes
/// without comparing anything. The changes are then reviewed as a diff.
enum Snapshot {
  private static let folder = TestData.packageFolder
    .appendingPathComponent("Tests/CNNCommandTests/Snapshots")
  private static let isRecording =
    ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"

  /// Expects that `text` is the content of the file `name`.
  static func expect(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appendingPathComponent(name)
    if isRecording {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("recorded Snapshots/\(name)", sourceLocation: sourceLocation)
      return
    }
    let known = try String(contentsOf: file, encoding: .utf8)
    guard text != known else { return }
    let (lines, knownLines) = (Self.lines(text), Self.lines(known))
    let first = zip(lines, knownLines).enumerated().first { $1.0 != $1.1 }?.offset
    let line = first ?? min(lines.count, knownLines.count)
    Issue.record(
      """
      Snapshots/\(name) differs from line \(line + 1) on; RECORD_SNAPSHOTS=1 records it anew.
      known: \(line < knownLines.count ? knownLines[line] : "(the end)")
      now:   \(line < lines.count ? lines[line] : "(the end)")
      """, sourceLocation: sourceLocation)
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The text with numbers of more than four decimals rounded to four: the last digits depend on the
  /// processor's vector instructions.
  static func rounded(_ text: String) -> String {
    text.replacing(/-?[0-9]+\.[0-9]{5,}(e-?[0-9]+)?|[0-9](\.[0-9]+)?e-[0-9]+/) { match in
      Double(match.output.0).map { String(format: "%.4f", $0) } ?? String(match.output.0)
    }
  }

  /// The text with every number replaced by `#`, and with single spaces: for times.
  static func withoutNumbers(_ text: String) -> String {
    text.replacing(/[0-9][0-9.,:]*/, with: "#").replacing(/\ +/, with: " ")
      .replacing(/-{5,}/, with: "-----")
  }
}

extension CommandRun {
  /// Everything that the run showed, as a transcript: output, then errors, then the exit status.
  ///
  /// - Parameter folder: its path is written as `FOLDER`, because it is another one each time.
  func transcript(in folder: TemporaryFolder? = nil) -> String {
    var text = output
    if !errors.isEmpty { text += "--- standard error ---\n" + errors }
    text += "--- exit status \(status) ---\n"
    if let folder { text = text.replacing(folder.url.path, with: "FOLDER") }
    return text.replacing(TestData.packageFolder.path, with: "PACKAGE")
  }
}
