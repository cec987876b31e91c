internal import Synchronization

/// Loops whose work is shared by the worker threads of the package.
///
/// Work is split over outputs, never over sums, so results are the same bits for any number of
/// threads. The loops may be called by any number of tasks at once and from inside each other: they
/// do not wait for threads that are busy elsewhere, and in the worst case the caller does all the
/// work itself.
public enum Workers {
  /// The most threads that share a loop.
  public static let largestCount = WorkerPool.largestCount

  /// Calls `body` once for each index in `0..<count`, on up to `threads` threads at once, and
  /// returns when all calls have ended. The order is not defined.
  ///
  /// A thread fetches the next indices when it is done with its last ones, so calls may take
  /// different times.
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
    let chunks = min(count, max(1, threads))
    forEach(count: chunks, threads: chunks) { chunk in
      // Neighbouring indices share input, so a chunk is contiguous.
      body((chunk * count / chunks)..<((chunk + 1) * count / chunks))
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

extension Workers {
  /// Calls `use` with what `make` returns for 0, 1 ... `count - 1`, in this order and on the calling
  /// thread; while one value is used, the next one is made on another thread.
  ///
  /// At most two values are in memory at once. Both closures may call the loops of this type, which
  /// then share the threads. With `threads` 1 nothing is made ahead.
  ///
  /// - Parameters:
  ///   - count: how many values.
  ///   - threads: how many threads the caller may use.
  ///   - make: makes a value; it is not called again once `use` has thrown.
  ///   - use: receives each value.
  public static func forEachMadeAhead<Value: Sendable, Failure: Error>(
    count: Int, threads: Int, make: @Sendable (Int) -> Value,
    use: (Value) throws(Failure) -> Void
  ) throws(Failure) {
    guard count > 0 else { return }
    var value = make(0)
    for next in 1..<(count + 1) {
      if next == count || threads < 2 {
        try use(value)
        if next < count { value = make(next) }
      } else {
        let made = Mutex<Value?>(nil)
        try WorkerPool.shared.run(aside: {
          let value = make(next)
          made.withLock { $0 = value }
        }) { () throws(Failure) in try use(value) }
        guard let following = made.withLock({ $0 }) else { preconditionFailure("it was made") }
        value = following
      }
    }
  }
}

extension Workers {
  /// Calls `use` with batches of `items`, in their order and on the calling thread, each item with
  /// what `make` has returned for it; while one batch is used, the next one is made by the worker
  /// threads.
  ///
  /// - Parameters:
  ///   - items: what values are made of.
  ///   - batchSize: items of a batch, at least 1; the values of two batches are in memory.
  ///   - threads: how many threads the caller may use.
  ///   - make: makes the value of one item; it is called by several threads at once.
  ///   - use: receives each batch.
  package static func forEachBatchMadeAhead<Item: Sendable, Value: Sendable, Failure: Error>(
    of items: [Item], batchSize: Int, threads: Int, make: @Sendable (Item) -> Value,
    use: (_ items: ArraySlice<Item>, _ values: [Value]) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(batchSize > 0, "a batch holds at least one item")
    let count = (items.count + batchSize - 1) / batchSize
    @Sendable func batch(_ index: Int) -> ArraySlice<Item> {
      items[(index * batchSize)..<min((index + 1) * batchSize, items.count)]
    }
    try forEachMadeAhead(
      count: count, threads: threads,
      make: { (index) -> (Int, [Value]) in
        let batch = batch(index)
        let values = map(count: batch.count, threads: threads) {
          make(batch[batch.startIndex + $0])
        }
        return (index, values)
      }
    ) { (made) throws(Failure) in try use(batch(made.0), made.1) }
  }
}
