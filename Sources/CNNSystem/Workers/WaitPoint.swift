internal import CNNPlatform
internal import Synchronization

/// Where one thread waits until another has made a condition true. It waits awake for a short time,
/// because the next step of a network usually comes soon, and then sleeps, so that an idle program
/// uses no processor.
///
/// The condition is an atomic that both sides access in sequentially consistent order: then either
/// the waker sees that somebody sleeps, or the sleeper sees that the condition is true.
///
/// `@unchecked Sendable`: the pointers are constant, and what they point to is only given to
/// pthread functions, which are made for that.
final class WaitPoint: @unchecked Sendable {
  /// How often the condition is checked before the thread sleeps: about 100 microseconds. Each check
  /// ends with a `sched_yield` of about 0.3 microseconds, which gives the processor to other threads
  /// when there are more of them than processors.
  private static let awakeChecks = 300

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Whether the waiting thread sleeps or is about to.
  private let isAsleep = Atomic(false)

  init() {
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Returns when `isDone` does, which the waker makes true before it calls `wake()`.
  func wait(until isDone: () -> Bool) {
    for _ in 0..<Self.awakeChecks {
      if isDone() { return }
      sched_yield()
    }
    pthread_mutex_lock(mutex)
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    while !isDone() { pthread_cond_wait(condition, mutex) }
    isAsleep.store(false, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }

  /// Wakes the waiting thread, if there is one that sleeps.
  func wake() {
    guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }
}
