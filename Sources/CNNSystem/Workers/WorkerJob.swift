internal import Synchronization

/// One parallel loop: the indices that are left and the threads that still work on them.
final class WorkerJob: Sendable {
  private let count: Int
  /// Indices that are fetched together: few enough that the last ones are shared evenly.
  private let grain: Int
  /// Lives on the caller's stack, and a helper may let go of this object a moment after the caller
  /// has gone on, hence no reference of its own.
  private nonisolated(unsafe) let body: UnsafePointer<@Sendable (Int) -> Void>
  private let next = Atomic(0)
  private let helpersAtWork: Atomic<Int>
  private let helpersDone = WaitPoint()

  /// A loop over `0..<count`. Each of `helpers` threads must call `help()` once, and `body` must
  /// stay until `waitForHelpers()` has returned.
  init(count: Int, helpers: Int, _ body: UnsafePointer<@Sendable (Int) -> Void>) {
    self.count = count
    grain = max(1, count / ((helpers + 1) * 16))
    self.body = body
    helpersAtWork = Atomic(helpers)
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

  /// `work()` on a thread of the pool. After it the caller may end the loop.
  func help() {
    work()
    if helpersAtWork.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
      helpersDone.wake()
    }
  }

  /// Returns when all helpers have ended.
  func waitForHelpers() {
    helpersDone.wait { helpersAtWork.load(ordering: .sequentiallyConsistent) == 0 }
  }
}
