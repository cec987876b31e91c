internal import Synchronization

/// The threads that help callers, kept for the life of the process.
///
/// Any number of callers may run at once. A caller gets idle threads, at most what it asked for
/// divided by the number of callers, and works itself. It waits only for threads that work for it,
/// so nested calls cannot deadlock, and many callers together use no more threads than one.
final class WorkerPool: Sendable {
  /// The one pool of the process.
  static let shared = WorkerPool()

  /// No more threads than this, whatever a caller asks for.
  static let largestCount = 256

  private struct State {
    var idle: [WorkerThread] = []
    var threadCount = 0
    /// Idle threads of `run(aside:_:)`; they help in no loop.
    var aside: [WorkerThread] = []
    var callers = 0
  }

  private let state = Mutex(State())

  /// Calls `body` for each index in `0..<count` on up to `threads` threads, the caller's among them.
  func run(count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    let helpers = enter(needed: min(count, threads, Self.largestCount) - 1)
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

  /// Calls `work` on a thread of its own and `body` on the caller's, and returns when both have
  /// ended. Where the system gives no more threads, one is called after the other.
  func run<Failure: Error>(
    aside work: @Sendable () -> Void, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    guard let thread = state.withLock({ $0.aside.popLast() }) ?? WorkerThread.start() else {
      work()
      return try body()
    }
    var outcome: Result<Void, Failure>?
    withoutActuallyEscaping({ (_: Int) in work() } as @Sendable (Int) -> Void) { work in
      withUnsafePointer(to: work) { work in
        let job = UnsafeMutablePointer<WorkerJob>.allocate(capacity: 1)
        job.initialize(to: WorkerJob(count: 1, helpers: 0, work))
        thread.start(job)
        outcome = Result { () throws(Failure) in try body() }
        thread.waitUntilDone()
        job.deinitialize(count: 1)
        job.deallocate()
      }
    }
    state.withLock { $0.aside.append(thread) }
    try outcome?.get()
  }

  /// Counts the caller in and takes idle threads for it.
  private func enter(needed: Int) -> [WorkerThread] {
    state.withLock { state in
      state.callers += 1
      let share = (needed + 1) / state.callers - 1
      // The pool grows to the most that a single caller has asked for.
      while state.threadCount < needed, state.idle.count < share, let thread = WorkerThread.start()
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

/// One parallel loop and the indices that are left of it.
///
/// The caller allocates it and frees it when all helpers have ended. It is no class, because a
/// helper could release its last reference after the caller has returned.
struct WorkerJob: ~Copyable {
  private let count: Int
  /// Indices that a thread fetches together: a sixteenth of its part, so that all end at nearly the
  /// same time.
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
