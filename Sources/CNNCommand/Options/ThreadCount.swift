import ArgumentParser
import CNNSystem

/// What `--threads` may be.
enum ThreadCount {
  /// Throws a `ValidationError` for a count that no loop can have.
  static func check(_ count: Int?) throws {
    guard let count, !(1...Workers.largestCount).contains(count) else { return }
    throw ValidationError("--threads must be between 1 and \(Workers.largestCount)")
  }
}
