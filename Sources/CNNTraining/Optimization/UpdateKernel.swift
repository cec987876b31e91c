/// What an optimiser does to a range of weights, given their gradient: the same to each weight, in
/// any range and on any thread.
struct UpdateKernel: Sendable {
  /// The same range of the optimiser's tensors; nil where it has fewer.
  struct Moments {
    let first: UnsafeMutablePointer<Float>?
    let second: UnsafeMutablePointer<Float>?
  }

  let apply:
    @Sendable (
      _ weights: UnsafeMutablePointer<Float>, _ moments: Moments,
      _ gradient: UnsafePointer<Float>, _ count: Int
    ) -> Void
}

/// The memory of a parameter and its moments while a step writes them.
///
/// `@unchecked Sendable`: threads write disjoint ranges, and the pointers are used only inside
/// the call that got them.
struct UpdateTarget: @unchecked Sendable {
  let weights: UnsafeMutablePointer<Float>
  let first: UnsafeMutablePointer<Float>?
  let second: UnsafeMutablePointer<Float>?
  let kernel: UpdateKernel

  /// Applies a range of the gradient that begins at element `offset` in memory.
  func apply(_ gradient: UnsafePointer<Float>, at offset: Int, count: Int) {
    kernel.apply(
      weights + offset,
      UpdateKernel.Moments(first: first.map { $0 + offset }, second: second.map { $0 + offset }),
      gradient, count)
  }
}
