import CNNSystem
import SystemPackage

/// Everything that is not a result: errors, warnings and notes, on standard error, a line each.
enum Diagnostics {
  /// `cnn: error: FILE: what is wrong ...`.
  static func report(_ error: CNNError) {
    write("cnn: error: \(error.inTermsOfFlags)")
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

  /// Text as it is; that nobody may be there to read it is no reason to stop.
  static func writeToStandardError(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  /// A line as it is.
  static func write(_ line: String) {
    ProgressLine.clear()
    writeToStandardError(line + "\n")
  }
}
