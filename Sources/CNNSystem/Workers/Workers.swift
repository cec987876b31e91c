/// The worker threads of the package: the loops that share work among them.
///
/// Work is split over outputs, never over sums, so results are the same bits for any count. The
/// loops may be called by any number of tasks at once and from inside each other: threads that are
/// busy elsewhere are not waited for, and in the worst case the caller does all work itself.
public enum Workers {
  /// The most threads that share a loop.
  public static let largestCount = WorkerPool.largestCount

  /// Calls `body` once for each index in `0..<count`, on up to `threads` threads at once, and
  /// returns when all calls have ended. The order is not defined.
  ///
  /// Threads fetch indices as they get done, so calls may take different times.
  public static func forEach(
    count: Int, threads: Int, _ body: @Sendable (Int) -> Void
  ) {
    guard count > 0 else { return }
    guard min(count, threads) > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    WorkerPool.shared.run(count: count, threads: threads, body)
  }

  /// Cuts `0..<count` into up to `threads` ranges, calls `body` once for each, all at once, and
  /// returns when all calls have ended: for work that needs memory of its own per thread.
  public static func forEachRange(
    count: Int, threads: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let lanes = min(count, max(1, threads))
    forEach(count: lanes, threads: lanes) { lane in
      // Neighbouring indices share input, so each lane takes one contiguous stretch.
      body((lane * count / lanes)..<((lane + 1) * count / lanes))
    }
  }

  /// The results of `body` for each index in `0..<count`, in order, computed on up to `threads`
  /// threads at once.
  public static func map<Value: Sendable>(
    count: Int, threads: Int, _ body: @Sendable (Int) -> Value
  ) -> [Value] {
    Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      // Each index writes its own element.
      nonisolated(unsafe) let buffer = buffer
      forEach(count: count, threads: threads) { index in
        (buffer.baseAddress.map { $0 + index })?.initialize(to: body(index))
      }
      initializedCount = count
    }
  }
}
