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
  ///   - use: is given each batch.
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
