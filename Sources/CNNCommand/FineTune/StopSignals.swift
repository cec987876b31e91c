import CNNPlatform
import Synchronization

/// Ctrl-C and `kill` as a request to write a checkpoint and stop. The second one ends the process at
/// once.
enum StopSignals {
  /// The signal that was received, or 0. It is global because a signal handler cannot capture state.
  private static let received = Atomic<Int32>(0)

  /// Treats SIGINT and SIGTERM as requests from now on.
  static func install() {
    // Globals are initialised at their first use, which must not happen inside a handler.
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

  /// Whether a signal was received.
  static var isStopRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit status of a stopped run: 130 after SIGINT, 143 after SIGTERM.
  static var exitStatus: Int32 { 128 + received.load(ordering: .relaxed) }
}
