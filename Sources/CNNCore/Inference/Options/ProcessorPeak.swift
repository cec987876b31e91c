internal import CNNKernels
internal import CNNSystem

/// What the processor can compute at most, measured.
package enum ProcessorPeak {
  /// Multiplications and additions a second, in 10^9, of `threads` threads that multiply and add
  /// in registers with the vectors of `kernels`; of the fastest kernels for `blas`.
  ///
  /// The best of a few measurements of some milliseconds each.
  package static func gigaflops(_ kernels: KernelSet, threads: Int) -> Double {
    let table = kernels.table ?? KernelSet.fastest.table
    guard let table = table?.pointee, let multiplyAdd = table.multiply_add else { return 0 }
    let (count, rounds) = (table.multiply_add_elements, 1 << 20)
    let clock = ContinuousClock()
    let fastest = (0..<8).map { _ in
      clock.measure {
        Workers.forEach(count: threads, threads: threads) { _ in
          var elements = [Float](repeating: 0.5, count: count)
          multiplyAdd(&elements, rounds)
        }
      }
    }.min()
    guard let fastest, fastest > .zero else { return 0 }
    return Double(2 * count * rounds * threads) / (fastest / .nanoseconds(1))
  }
}
