import ArgumentParser
import CNNImage
import CNNSystem
import CNNTraining

/// `cnn data check`: what is wrong with the pictures of a data set.
struct DataCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look at every picture of a data set: damage, duplicates, odd formats, balance.",
    discussion: """
      EXAMPLES
        cnn data check data/train
        cnn data check data/train --headers-only
        cnn data check data/train --json > check.json

      Bad pictures (empty, unreadable, unsupported, truncated, corrupt, too large)
      cannot be trained with; everything else is for your information. The exit
      status is 1 where there is a bad picture.
      """)

  @OptionGroup var dataSet: DataSetOptions

  @Flag(help: "Do not decode the pixels: faster, but damage among them is not found.")
  var headersOnly = false

  @Option(help: ArgumentHelp("Findings of each kind that are shown.", valueName: "count"))
  var show = 10

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "count"))
  var maxPixels = DecodingOptions().maximumPixels

  @Option(
    help: ArgumentHelp("Worker threads; one for each processor if not given.", valueName: "count"))
  var threads: Int?

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Flag(name: .shortAndLong, help: "No progress on the terminal.")
  var quiet = false

  func validate() throws {
    if show < 0 { throw ValidationError("--show must not be negative") }
    if maxPixels < 1 { throw ValidationError("--max-pixels must be at least 1") }
    try ThreadCount.check(threads)
  }

  func run() throws {
    let source = try dataSet.source()
    var decoding = DecodingOptions()
    decoding.maximumPixels = maxPixels
    let all = source.all
    var progress = ProgressLine(total: all.count, unit: "pictures", isQuiet: quiet)
    let check = DataCheck(
      of: all, depth: headersOnly ? .headers : .pixels, decoding: decoding, threads: threads
    ) { done in
      progress.advance(by: done)
    }
    ProgressLine.clear()
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(check)
    } else {
      for line in DataCheckText(check, shown: show).lines(for: .output) {
        try output.writeLine(line)
      }
    }
    try output.flush()
    if !check.bad.isEmpty { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }
}
