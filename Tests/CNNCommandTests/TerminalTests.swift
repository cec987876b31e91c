import ArgumentParser
import CNNTraining
import Testing

@testable import CNNCommand

/// What a person sees at terminals of different widths.
@Suite struct TerminalTests {
  static func terminal(_ width: Int, isUnicode: Bool = true) -> Terminal {
    Terminal(isInteractive: true, width: width, isUnicode: isUnicode)
  }
  static let file = Terminal(isInteractive: false, width: 80, isUnicode: true)

  static var table: TextTable {
    var table = TextTable([("worst", .right), ("class", .left), ("file", .path)])
    table.add(["0.76 %", "English springer, English springer spaniel", "data/train/dog.1674.jpg"])
    table.add(["12.00 %", "cat", "cat.1.jpg"])
    return table
  }

  @Test func aTableInAFileIsWhole() {
    #expect(
      Self.table.lines(for: Self.file) == [
        "  worst  class                                       file",
        String(repeating: "─", count: 76),
        " 0.76 %  English springer, English springer spaniel  data/train/dog.1674.jpg",
        "12.00 %  cat                                         cat.1.jpg",
      ])
  }

  @Test func wordsGiveWayWhereTheTableIsTooWide() {
    #expect(
      Self.table.lines(for: Self.terminal(45)) == [
        "  worst  class              file",
        String(repeating: "─", count: 45),
        " 0.76 %  English springer…  …ain/dog.1674.jpg",
        "12.00 %  cat                cat.1.jpg",
      ])
    #expect(
      Self.table.lines(for: Self.terminal(30, isUnicode: false)) == [
        "  worst  class      file",
        String(repeating: "-", count: 30),
        " 0.76 %  Englis...  ...674.jpg",
        "12.00 %  cat        cat.1.jpg",
      ])
    // Numbers and titles are never cut.
    #expect(Self.table.lines(for: Self.terminal(5)).allSatisfy { $0.count <= 27 })
  }

  @Test(arguments: 1...120) func progressFitsItsLine(_ width: Int) {
    var progress = ProgressLine(
      total: 21_300, unit: "steps", title: "epoch 10/100", isQuiet: true, known: 300)
    progress.update(done: 10_650)
    let text = progress.text(seconds: 42, "loss 0.1234, 97.5 %", for: Self.terminal(width))
    // The last column stays free.
    #expect(text.count < width)
    if width > 30 { #expect(text.hasPrefix("epoch 10/100  ") && text.hasSuffix("  0:43 left")) }
    if width > 79 {
      #expect(text.contains(width > 89 ? "  ▕██████████          ▏  " : "  ▕█████     ▏  "))
    }
  }

  @Test func progressInAFileIsPlain() {
    var progress = ProgressLine(total: 6000, unit: "features", isQuiet: true)
    progress.update(done: 1500)
    #expect(
      progress.text(seconds: 30, "", for: Self.file)
        == "1,500/6,000 features  25 %  50.0 a second  1:30 left")
    #expect(
      progress.text(seconds: 1, "", for: Self.file)
        == "1,500/6,000 features  25 %  1,500 a second  0:03 left")
  }

  @Test func longLinesBreakBetweenWords() {
    let note = "cnn: note: data/train: 6000 pictures of 2 classes (cat 3000, dog 3000)"
    #expect(
      note.wrapped(to: 40) == [
        "cnn: note: data/train: 6000 pictures of", "  2 classes (cat 3000, dog 3000)",
      ])
    #expect(note.wrapped(to: 70) == [note])
    let path = String(repeating: "x", count: 50)
    #expect("  a \(path) b".wrapped(to: 20) == ["  a", "    \(path)", "    b"])
  }

  @Test func theTableOfEpochsLeavesOutWhatMattersLeast() {
    let record = LogRecord(
      step: 80, epoch: 1, kind: .epoch, loss: 0.12638, accuracy: 0.94686,
      validationLoss: 0.08437, validationAccuracy: 0.96333, learningRate: 0.01, seconds: 125)
    func lines(_ terminal: Terminal) -> [String] {
      let table = EpochTable(for: terminal)
      return table.head + [table.row(record, isBest: true)]
    }
    let whole = [
      " epoch    loss  accuracy  validation loss  accuracy     rate  total time",
      String(repeating: "─", count: 72),
      "     1  0.1264   94.69 %           0.0844   96.33 %     0.01        2:05  best",
    ]
    #expect(lines(Self.terminal(80)) == whole)
    #expect(lines(Self.file) == whole)
    #expect(
      lines(Self.terminal(60)) == [
        " epoch    loss  accuracy  validation loss  accuracy",
        String(repeating: "─", count: 51),
        "     1  0.1264   94.69 %           0.0844   96.33 %  best",
      ])
    #expect(lines(Self.terminal(10))[2] == "     1   96.33 %  best")
  }

  /// The parser breaks lines at the 80th column, and what it breaks looks torn.
  @Test func helpFitsEightyColumns() {
    func check(_ command: any ParsableCommand.Type) {
      for line in command.configuration.discussion.split(separator: "\n") {
        #expect(line.count <= 80, "\(command): \(line)")
      }
      command.configuration.subcommands.forEach(check)
    }
    check(CNNMain.self)
  }
}
