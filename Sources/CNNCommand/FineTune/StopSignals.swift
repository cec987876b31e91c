import CNNPlatform
import Synchronization

/// Ctrl-C and `kill` as a request to stop at the next good place. A second one ends the process at
/// once, as it would have without this.
enum StopSignals {
  /// The signal that came, or 0. A global, because a signal's handler can reach nothing else.
  private static let received = Atomic<Int32>(0)

  /// From now on SIGINT and SIGTERM are requests.
  static func catchThem() {
    // Globals are made at their first use, which must not be in a handler.
    _ = received.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if StopSignals.received.exchange(number, ordering: .relaxed) != 0 {
          signal(number, SIG_DFL)
          raise(number)
        }
      }
    }
  }

  /// Whether one has come.
  static var isStopRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit status that says which: 130 for SIGINT, 143 for SIGTERM.
  static var exitStatus: Int32 { 128 + received.load(ordering: .relaxed) }
}
