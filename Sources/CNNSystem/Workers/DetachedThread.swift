internal import CNNPlatform

/// A thread of the operating system that runs one closure and ends with it.
enum DetachedThread {
  /// 8 MB, the usual size of a Linux program's first thread; Musl gives others 128 kB and macOS
  /// 512 kB. Pages of a stack that are never touched take no memory.
  private static let stackSize = 8 << 20

  /// Starts a thread; false where the system gives no more.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let context = Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // Signals belong to the program's own threads; a new thread inherits its creator's mask.
    var all = sigset_t()
    var previous = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    guard pthread_create(&thread, &attributes, runThread, context.toOpaque()) == 0 else {
      context.release()
      return false
    }
    return true
  }
}

/// Holds a closure, so that a pointer to it can pass through the C interface.
private final class ThreadBody: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  static func run(_ context: UnsafeMutableRawPointer) {
    Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body()
  }
}

#if canImport(Darwin)
  private func runThread(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    ThreadBody.run(context)
    return nil
  }
#else
  private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { ThreadBody.run(context) }
    return nil
  }
#endif
