internal import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread that waits for jobs, for ever.
final class WorkerThread: Sendable {
  /// The retained job that is handed over, or nil.
  private let mailbox = Atomic<Unmanaged<WorkerJob>?>(nil)
  private let mailArrived = WaitPoint()

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

  /// Hands over a job. Precondition: the thread has ended the one before.
  func start(_ job: WorkerJob) {
    mailbox.store(Unmanaged.passRetained(job), ordering: .sequentiallyConsistent)
    mailArrived.wake()
  }

  private func serve() -> Never {
    while true {
      mailArrived.wait { mailbox.load(ordering: .sequentiallyConsistent) != nil }
      mailbox.exchange(nil, ordering: .acquiring)?.takeRetainedValue().help()
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
