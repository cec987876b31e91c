import ArgumentParser
import CNNImage
import CNNSystem
import CNNTraining

/// `cnn data check`: finds what is wrong with the pictures of a data set.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every picture of a data set: damage, duplicates, odd formats, balance.",
    usage: "cnn data check [<options>] <data>",
    discussion: """
      EXAMPLES
        cnn data check data/train
        cnn data check data/train --headers-only
        cnn data check data/train --json > check.json

      Bad pictures (empty, unreadable, unsupported, truncated, corrupt, too large)
      cannot be used for training; all other findings are information. The exit
      status is 1 if there is a bad picture.
      """)

  @OptionGroup var dataSet: DataSetOptions

  @Flag(help: "Do not decode pixels: faster, but damage in them is not found.")
  var headersOnly = false

  @Option(help: ArgumentHelp("How many findings of each kind are shown.", valueName: "count"))
  var show = 10

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "count"))
  var maxPixels = DecodingOptions().maximumPixels

  @OptionGroup var threading: ThreadOptions

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress on the terminal.")
  var quiet = false

  func validate() throws {
    if show < 0 { throw ValidationError("--show must not be negative") }
    if maxPixels < 1 { throw ValidationError("--max-pixels must be at least 1") }
  }

  func run() throws {
    let source = try dataSet.source()
    var decoding = DecodingOptions()
    decoding.maximumPixels = maxPixels
    let all = source.all
    var progress = ProgressLine(total: all.count, unit: "pictures", isQuiet: quiet)
    let check = DataCheck(
      of: all, depth: headersOnly ? .headers : .pixels, decoding: decoding,
      threads: threading.threads
    ) { done in
      progress.advance(by: done)
    }
    ProgressLine.clear()
    try LineWriter.printResult(
      check, asJSON: json, or: DataCheckText(check, shown: show).lines(for: .output))
    if !check.bad.isEmpty { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }
}

/// A data check as tables for people.
struct DataCheckText {
  private let check: DataCheck
  private let shown: Int

  /// - Parameter shown: findings of each kind that are listed.
  init(_ check: DataCheck, shown: Int) {
    self.check = check
    self.shown = shown
  }

  func lines(for terminal: Terminal) -> [String] {
    var sections = [classes(terminal), [summary]]
    for kind in PictureFinding.Kind.allCases {
      let findings = check.findings.filter { $0.kind == kind }
      if !findings.isEmpty { sections.append(section(kind, findings)) }
    }
    return Array(sections.joined(separator: [""]))
  }

  private func classes(_ terminal: Terminal) -> [String] {
    var table = TextTable([
      ("class", .right), ("name", .left), ("pictures", .right), ("usable", .right),
      ("share", .right),
    ])
    for (index, count) in check.classes.enumerated() {
      let share = 100 * Double(count.usable) / Double(max(1, check.usable))
      table.add([
        "\(index)", count.name, NumberText.grouped(count.pictures),
        NumberText.grouped(count.usable), NumberText.fixed(share, decimals: 1) + " %",
      ])
    }
    table.add([
      "", "all", NumberText.grouped(check.count), NumberText.grouped(check.usable), "",
    ])
    return table.lines(for: terminal)
  }

  private var summary: String {
    var parts = check.formats.sorted { $0.key < $1.key }.map {
      "\(NumberText.grouped($0.value)) \($0.key)"
    }
    if let sizes = check.sizes {
      let least = "\(sizes.minimumWidth)x\(sizes.minimumHeight)"
      let most = "\(sizes.maximumWidth)x\(sizes.maximumHeight)"
      parts.append(least == most ? "all \(least)" : "from \(least) to \(most)")
    }
    parts.append(check.depth == .pixels ? "all pixels decoded" : "pixels not decoded")
    let bad = check.bad.count
    parts.append(bad == 0 ? "no bad pictures" : "\(NumberText.grouped(bad)) bad")
    return parts.joined(separator: ", ")
  }

  private func section(
    _ kind: PictureFinding.Kind, _ findings: [PictureFinding]
  ) -> [String] {
    let title = kind.rawValue + (kind.isBad ? " (bad)" : "")
    let rest = findings.count - shown
    return ["\(title): \(NumberText.grouped(findings.count))"]
      + findings.prefix(shown).map { "  \($0.picture): \($0.message)" }
      + (rest > 0 && shown > 0 ? ["  ... and \(NumberText.grouped(rest)) more"] : [])
  }
}
