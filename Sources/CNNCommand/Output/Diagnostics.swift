import CNNSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Everything that is not a result: errors, warnings and notes, on standard error, a line each.
enum Diagnostics {
  /// `cnn: error: FILE: what is wrong ...`.
  static func report(_ error: CNNError) {
    write("cnn: error: \(error)")
  }

  /// `cnn: warning: ...`.
  static func warn(_ text: String) {
    write("cnn: warning: \(text)")
  }

  /// `cnn: note: ...`.
  static func note(_ text: String) {
    write("cnn: note: \(text)")
  }

  /// A line as it is.
  static func write(_ line: String) {
    ProgressLine.clear()
    fputs(line + "\n", stderr)
  }
}
