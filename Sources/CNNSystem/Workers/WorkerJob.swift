internal import Synchronization

/// One parallel loop: the indices that are left.
///
/// It lives in memory of its own that the caller frees when all helpers have ended, and is not
/// counted by references: a helper's last release could come after the caller has gone on.
struct WorkerJob: ~Copyable {
  private let count: Int
  /// Indices that are fetched together: few enough that the last ones are shared evenly.
  private let grain: Int
  /// Lives on the caller's stack.
  private let body: UnsafePointer<@Sendable (Int) -> Void>
  private let next = Atomic(0)

  /// A loop over `0..<count` for the caller and `helpers` threads. `body` must stay until all of
  /// them have ended.
  init(count: Int, helpers: Int, _ body: UnsafePointer<@Sendable (Int) -> Void>) {
    self.count = count
    grain = max(1, count / ((helpers + 1) * 16))
    self.body = body
  }

  /// Fetches and does work until none is left.
  func work() {
    let body = body.pointee
    while true {
      let start = next.wrappingAdd(grain, ordering: .relaxed).oldValue
      guard start < count else { return }
      for index in start..<min(start + grain, count) { body(index) }
    }
  }
}
