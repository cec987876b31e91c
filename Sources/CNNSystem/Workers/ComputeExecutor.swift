internal import Synchronization

/// Threads for work that computes for long or waits for a disk, beside Swift's cooperative pool.
///
/// The cooperative pool has one thread for each processor, and all tasks of a program share them:
/// one that computes for a second keeps others waiting for a second. The `async` functions of these
/// libraries therefore run here, at most `threadCount` of them at once and in the order in which
/// they were called.
///
/// A program can do the same with work of its own, such as loading weights:
///
///     let classifier = try await ComputeExecutor.shared.run { () throws(CNNError) in
///       try ImageClassifier(model: .resNet50, weights: url)
///     }
///
/// Threads are started when there is work and end when there is none: starting one takes some ten
/// microseconds, and what runs here takes milliseconds.
public final class ComputeExecutor: TaskExecutor {
  /// The executor that the libraries use, with as many threads as processors, or `CNN_THREADS`.
  public static let shared = ComputeExecutor(threadCount: Workers.defaultCount)

  /// The most jobs that run at once.
  public let threadCount: Int

  private struct State {
    var waiting: [UnownedJob] = []
    var runningThreads = 0
  }

  private let state = Mutex(State())

  /// An executor of its own, for work that must not make others wait, such as a training that takes
  /// hours.
  ///
  /// - Parameter threadCount: the most jobs that run at once; at least 1 is used.
  public init(threadCount: Int) {
    self.threadCount = max(1, threadCount)
  }

  /// Runs `work` on a thread of this executor; the calling task waits without holding a thread.
  ///
  /// - Throws: what `work` throws; `cancelled` where the task was cancelled before the work began.
  ///   Work that has begun is not interrupted.
  public func run<Value: Sendable>(
    _ work: @Sendable () throws(CNNError) -> Value
  ) async throws(CNNError) -> Value {
    try await withTaskExecutorPreference(self) { () throws(CNNError) in
      // The task may have been cancelled while it waited for a thread.
      guard !Task.isCancelled else { throw CNNError.cancelled }
      return try work()
    }
  }

  /// Part of `TaskExecutor`: takes a job and returns at once.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let needsThread = state.withLock { state in
      state.waiting.append(job)
      guard state.runningThreads < threadCount else { return false }
      state.runningThreads += 1
      return true
    }
    guard needsThread, !DetachedThread.start({ self.runJobs() }) else { return }
    // Without a thread the jobs run here rather than never.
    runJobs()
  }

  /// Runs jobs until none is waiting.
  private func runJobs() {
    while let job = nextJob() {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// The job that has waited longest; nil where there is none, and then the thread no longer counts.
  private func nextJob() -> UnownedJob? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.runningThreads -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}

extension CNNError {
  /// The error of work whose task was cancelled before it began.
  package static var cancelled: CNNError {
    CNNError(.usage, .cancelled, "the task was cancelled before the work began")
  }
}

extension CNNError.Code {
  /// The task was cancelled before the work began.
  public static let cancelled = CNNError.Code(rawValue: "cancelled")
}
