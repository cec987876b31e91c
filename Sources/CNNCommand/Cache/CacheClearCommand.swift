import ArgumentParser
import CNNSystem
import CNNTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `cnn cache clear`: removes files.
struct CacheClearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear", abstract: "Remove all files, or those that were not used for long.")

  @Option(
    help: ArgumentHelp("Only files that were not used for so many days.", valueName: "days"))
  var olderThan: Double?

  @Flag(help: "One JSON object.")
  var json = false

  private struct Record: Encodable {
    let removed: Int
    let bytes: Int
  }

  func validate() throws {
    if let olderThan, !(0...1e5).contains(olderThan) {
      throw ValidationError("--older-than must be from 0 to 100000 days")
    }
  }

  func run() throws {
    let removed = try FeatureCache().clear(
      usedBefore: olderThan.map { Int(time(nil)) - Int($0 * 86_400) })
    let bytes = removed.reduce(0) { $0 + $1.byteCount }
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(Record(removed: removed.count, bytes: bytes))
    } else {
      let files = removed.count == 1 ? "1 file" : "\(removed.count) files"
      try output.writeLine("removed: \(files), \(NumberText.bytes(bytes))")
    }
    try output.flush()
  }
}
