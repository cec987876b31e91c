internal import CNNPlatform
internal import Synchronization

/// A thread that waits for jobs, for ever. It touches nothing of a job after it has said that the
/// job is done.
final class WorkerThread: Sendable {
  /// The job at hand, from `start` until the thread is done with it; nil while there is none.
  /// Unsafe only as pointers are: what it points to is made for many threads.
  private nonisolated(unsafe) let job = Atomic<UnsafeMutablePointer<WorkerJob>?>(nil)
  private let jobArrived = WaitPoint()
  private let jobDone = WaitPoint()

  private init() {}

  /// A new thread, or nil where the system gives no more.
  static func start() -> WorkerThread? {
    let worker = WorkerThread()
    let context = Unmanaged.passRetained(worker)
    // Signals belong to the program's own threads; a new thread inherits its creator's mask.
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    guard create(context.toOpaque()) else {
      context.release()
      return nil
    }
    return worker
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

  private static func create(_ context: UnsafeMutableRawPointer) -> Bool {
    #if canImport(Darwin)
      var thread: pthread_t?
      let status = pthread_create(&thread, nil, serveWorker, context)
      guard status == 0, let thread else { return false }
    #else
      var thread = pthread_t()
      guard pthread_create(&thread, nil, serveWorker, context) == 0 else { return false }
    #endif
    pthread_detach(thread)
    return true
  }

  fileprivate static func serve(_ context: UnsafeMutableRawPointer) -> Never {
    Unmanaged<WorkerThread>.fromOpaque(context).takeRetainedValue().serve()
  }
}

#if canImport(Darwin)
  private func serveWorker(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    WorkerThread.serve(context)
  }
#else
  private func serveWorker(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { preconditionFailure("the thread was started with its worker") }
    WorkerThread.serve(context)
  }
#endif
