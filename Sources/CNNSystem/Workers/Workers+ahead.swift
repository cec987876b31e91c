internal import Synchronization

extension Workers {
  /// Calls `use` with what `make` returns for 0, 1 ... `count - 1`, in this order and on the calling
  /// thread; while one value is used, the next one is made on another thread.
  ///
  /// Not more than two values are in memory. Both sides may call the loops of this type, which then
  /// share the threads between them. With `threads` 1 nothing is made ahead.
  ///
  /// - Parameters:
  ///   - count: how many values.
  ///   - threads: how many threads the caller may use.
  ///   - make: makes a value; it is not called any more once `use` has thrown.
  ///   - use: is given each value.
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
