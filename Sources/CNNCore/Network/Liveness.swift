/// When results of a computation can be forgotten.
package enum Liveness {
  /// The results that each step is the last to read.
  ///
  /// - Parameters:
  ///   - steps: the names of the results that each step reads, in the order of computation.
  ///   - kept: results that are needed afterwards, which no step is the last to read.
  package static func lastReads(
    _ steps: [[String]], keeping kept: Set<String> = []
  ) -> [Set<String>] {
    var readLater = kept
    let lastReads = steps.reversed().map { names in
      let last = Set(names).subtracting(readLater)
      readLater.formUnion(last)
      return last
    }
    return lastReads.reversed()
  }
}
