/// When results of a computation are no longer needed.
package enum Liveness {
  /// The results that each step is the last to read.
  ///
  /// - Parameters:
  ///   - steps: the results that each step reads, in the order of computation: their names, or the
  ///     buffers that hold them.
  ///   - kept: results that are needed afterwards, which no step is the last to read.
  package static func lastReads<Value: Hashable>(
    _ steps: [[Value]], keeping kept: Set<Value> = []
  ) -> [Set<Value>] {
    var readLater = kept
    let lastReads = steps.reversed().map { names in
      let last = Set(names).subtracting(readLater)
      readLater.formUnion(last)
      return last
    }
    return lastReads.reversed()
  }
}
