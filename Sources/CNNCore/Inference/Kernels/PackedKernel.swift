/// A step that one of our kernels computes, with its weights in the kernel's order.
protocol PackedKernel: Sendable {
  /// What `cnn bench --layers` calls it.
  var name: String { get }
  /// The scratch memory of a run on `lanes` threads.
  func scratchSize(pictures: Int, lanes: Int) -> ScratchSize
  /// The tensor that it reads, if it reads one.
  var tensorRead: String? { get }
  /// Computes the step.
  func run(_ run: PlanRun)
}

extension PackedKernel {
  var tensorRead: String? { nil }

  func scratchSize(pictures: Int, lanes: Int) -> ScratchSize { ScratchSize() }
}
