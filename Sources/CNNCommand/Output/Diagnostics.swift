import CNNSystem
import SystemPackage

/// Everything that is not a result: errors, warnings and notes, a line each on standard error.
enum Diagnostics {
  /// `cnn: error: FILE: what is wrong ...`.
  static func report(_ error: CNNError) {
    write("cnn: error: \(error.inWordsOfTheCommand)")
  }

  /// `cnn: warning: ...`.
  static func warn(_ text: String) {
    write("cnn: warning: \(text)")
  }

  /// A line for each warning about a file.
  static func warn(_ warnings: [String], about path: FilePath) {
    for warning in warnings { warn("\(path.displayName): \(warning)") }
  }

  /// `cnn: note: ...`.
  static func note(_ text: String) {
    write("cnn: note: \(text)")
  }

  /// Writes text unchanged. Failure is ignored: a closed standard error is no reason to stop.
  static func writeToStandardError(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  /// Writes lines; on a terminal, long ones are broken between words.
  static func write(_ text: String) {
    ProgressLine.clear()
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if Terminal.error.isInteractive {
      lines = lines.flatMap { $0.wrapped(to: Terminal.error.width) }
    }
    writeToStandardError(lines.joined(separator: "\n") + "\n")
  }
}
