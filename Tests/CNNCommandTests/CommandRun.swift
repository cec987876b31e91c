import CNNTestSupport
import Foundation
import Testing

/// One run of the built command `cnn`: what it printed and how it ended.
struct CommandRun {
  let output: String
  let errors: String
  let status: Int32

  /// Runs `cnn` and waits for its end.
  ///
  /// - Parameters:
  ///   - arguments: behind the command's name.
  ///   - input: what it reads from standard input.
  ///   - environment: added to this process's own.
  ///   - folder: the one it stands in; nil for this process's.
  init(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    in folder: URL? = nil
  ) throws {
    try self.init(
      executable: Self.command, arguments, input: input, environment: environment, in: folder)
  }

  /// The same for another program.
  init(
    executable: URL, _ arguments: [String], input: String = "",
    environment: [String: String] = [:], in folder: URL? = nil
  ) throws {
    let process = Process()
    process.currentDirectoryURL = folder
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    // What the command says fits into a pipe many times over, except results; they are read first.
    output = String(
      decoding: stdout.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    errors = String(
      decoding: stderr.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -1
  }

  /// The lines of standard error.
  var errorLines: [Substring] { errors.split(separator: "\n") }

  /// The lines of standard output.
  var outputLines: [Substring] { output.split(separator: "\n") }

  /// The command beside the test bundle.
  static let command: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? Bundle.main
    let folder =
      bundle.bundlePath.hasSuffix(".xctest")
      ? bundle.bundleURL.deletingLastPathComponent() : bundle.bundleURL
    return folder.appendingPathComponent("cnn")
  }()
}

extension TemporaryFolder {
  /// The path of a file in the folder, as an argument of the command.
  func file(_ name: String) -> String { url(name).path }

  /// Writes a file and returns its path as an argument of the command.
  @discardableResult
  func writeFile(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try write(bytes, to: name)
    return file(name)
  }
}
