internal import Synchronization

/// The threads that help callers, kept for the life of the process.
///
/// Any number of callers may run at once. Each takes idle threads, never more than its share of
/// those it asked for, and works itself; it waits only for threads that are working for it. So a
/// nested call cannot lock up, and many callers do not run more threads than one would.
final class WorkerPool: Sendable {
  /// The one pool of the process.
  static let shared = WorkerPool()

  /// No more threads than this, whatever a caller asks for.
  static let largestCount = 256

  private struct State {
    var idle: [WorkerThread] = []
    var threadCount = 0
    var callers = 0
  }

  private let state = Mutex(State())

  /// Calls `body` for each index in `0..<count` on up to `threads` threads, the caller's among them.
  func run(count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    let helpers = enter(wanted: min(count, threads, Self.largestCount) - 1)
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        let job = UnsafeMutablePointer<WorkerJob>.allocate(capacity: 1)
        job.initialize(to: WorkerJob(count: count, helpers: helpers.count, body))
        for helper in helpers { helper.start(job) }
        job.pointee.work()
        for helper in helpers { helper.waitUntilDone() }
        job.deinitialize(count: 1)
        job.deallocate()
      }
    }
    leave(returning: helpers)
  }

  /// Counts the caller in and takes idle threads for it.
  private func enter(wanted: Int) -> [WorkerThread] {
    state.withLock { state in
      state.callers += 1
      let share = (wanted + 1) / state.callers - 1
      // The pool grows to what the greediest single caller asks for.
      while state.threadCount < wanted, state.idle.count < share, let thread = WorkerThread.start()
      {
        state.idle.append(thread)
        state.threadCount += 1
      }
      let taken = max(0, min(share, state.idle.count))
      defer { state.idle.removeLast(taken) }
      return Array(state.idle.suffix(taken))
    }
  }

  private func leave(returning helpers: [WorkerThread]) {
    state.withLock { state in
      state.callers -= 1
      state.idle += helpers
    }
  }
}
