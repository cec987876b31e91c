internal import Synchronization

/// A thread that serves one job after the other, for the life of the process. It accesses nothing of
/// a job after it has marked it as done.
final class WorkerThread: Sendable {
  /// The current job, from `start` until the thread is done with it; nil while there is none.
  /// `nonisolated(unsafe)` because pointers are not `Sendable`; a `WorkerJob` may be used by many
  /// threads at once.
  private nonisolated(unsafe) let job = Atomic<UnsafeMutablePointer<WorkerJob>?>(nil)
  private let jobArrived = WaitPoint()
  private let jobDone = WaitPoint()

  private init() {}

  /// A new thread, or nil where the system gives no more.
  static func start() -> WorkerThread? {
    let worker = WorkerThread()
    return DetachedThread.start { worker.serve() } ? worker : nil
  }

  /// Hands over a job, which must stay until `waitUntilDone()` has returned. Precondition: the
  /// thread is done with the one before.
  func start(_ job: UnsafeMutablePointer<WorkerJob>) {
    self.job.store(job, ordering: .sequentiallyConsistent)
    jobArrived.wake()
  }

  /// Returns when the thread is done with its job.
  func waitUntilDone() {
    jobDone.wait { job.load(ordering: .sequentiallyConsistent) == nil }
  }

  private func serve() -> Never {
    while true {
      jobArrived.wait { job.load(ordering: .sequentiallyConsistent) != nil }
      job.load(ordering: .acquiring)?.pointee.work()
      job.store(nil, ordering: .sequentiallyConsistent)
      jobDone.wake()
    }
  }
}
