internal import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The worker threads of the package: how many there are, and the one loop that uses them.
///
/// Work is split over outputs, never over sums, so results are the same bits for any count.
public enum Workers {
  /// Processors that are online.
  public static var availableProcessors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Calls `body` once for each index in `0..<count`, on up to `threads` threads at once, and
  /// returns when all calls have ended. The order is not defined.
  public static func forEach(
    count: Int, threads: Int, _ body: @Sendable (Int) -> Void
  ) {
    forEachRange(count: count, threads: threads) { range in
      for index in range { body(index) }
    }
  }

  /// Cuts `0..<count` into up to `threads` ranges, calls `body` once for each, all at once, and
  /// returns when all calls have ended: for work that needs memory of its own per thread.
  public static func forEachRange(
    count: Int, threads: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let lanes = min(count, max(1, threads))
    guard lanes > 1 else { return body(0..<count) }
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
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
