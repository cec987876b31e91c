internal import CNNKernels
internal import CNNSystem

/// The most that the processor can compute, measured.
package enum ProcessorPeak {
  /// Multiplications and additions a second, in 10^9, of `threads` threads that multiply and add
  /// in registers with the vectors of `level`; those of the widest kernels for `blas`.
  ///
  /// The best of a few measurements of some milliseconds each.
  package static func gigaflops(_ level: KernelLevel, threads: Int) -> Double {
    let kernels = level.kernels ?? KernelLevel.fastest.kernels
    guard let kernels = kernels?.pointee, let multiplyAdd = kernels.multiply_add else { return 0 }
    let (count, rounds) = (kernels.multiply_add_numbers, 1 << 20)
    let clock = ContinuousClock()
    let fastest = (0..<8).map { _ in
      clock.measure {
        Workers.forEach(count: threads, threads: threads) { _ in
          var numbers = [Float](repeating: 0.5, count: count)
          multiplyAdd(&numbers, rounds)
        }
      }
    }.min()
    guard let fastest, fastest > .zero else { return 0 }
    return Double(2 * count * rounds * threads) / (fastest / .nanoseconds(1))
  }
}
