internal import CNNKernels
internal import CNNSystem
internal import Synchronization

/// A step that one of our kernels computes, with its weights in the kernel's order.
protocol PackedKernel: Sendable {
  /// What tables of a plan's steps call it.
  var name: String { get }
  /// The scratch memory of a run on `threads` threads.
  func scratchSize(pictures: Int, threads: Int) -> ScratchSize
  /// Computes the step.
  func run(_ run: PlanRun)
}

extension PackedKernel {
  func scratchSize(pictures: Int, threads: Int) -> ScratchSize { ScratchSize() }
}

/// One run of a plan: the batch, and the memory that the steps share.
///
/// `nonisolated(unsafe)` pointers: each kernel hands its threads parts of a result that do not
/// overlap, and returns when all have ended.
struct PlanRun {
  /// Pictures of the batch.
  let pictures: Int
  /// Threads, each of which has scratch memory of its own.
  let threads: Int
  let kernels: UnsafePointer<cnn_kernels>
  private let memoryPlan: MemoryPlan
  private let memory: UnsafeMutablePointer<Float>
  /// Scratch memory that all threads share.
  let sharedScratch: UnsafeMutablePointer<Float>
  private let threadScratch: UnsafeMutablePointer<Float>
  private let threadStride: Int
  /// Results that are tensors, by the names of their nodes.
  var tensors: [String: Tensor]

  init(
    pictures: Int, threads: Int, kernels: UnsafePointer<cnn_kernels>, memoryPlan: MemoryPlan,
    scratch: ScratchSize, memory: UnsafeMutablePointer<Float>, tensors: [String: Tensor]
  ) {
    self.pictures = pictures
    self.threads = threads
    self.kernels = kernels
    self.memoryPlan = memoryPlan
    self.memory = memory
    self.tensors = tensors
    sharedScratch = memory + memoryPlan.size * pictures
    threadScratch = sharedScratch + scratch.shared
    threadStride = scratch.perThread
  }

  /// The first element of a map.
  func start(of slot: MapSlot) -> UnsafeMutablePointer<Float> {
    memory + memoryPlan.offsets[slot.buffer] * pictures + slot.firstBlock * slot.blockSize
  }

  /// Calls `body` once for each unit in `0..<count`. Each thread has a range of the units of its own,
  /// and when it has finished it, computes what is left of the ranges of others. So a thread mostly
  /// reads and writes what it wrote in the step before, and where cores have separate level 3 caches,
  /// little moves between these.
  ///
  /// - Parameters:
  ///   - prepare: called by each thread before its first unit, with its scratch memory.
  ///   - body: receives the unit, and scratch memory that no other thread uses meanwhile.
  func forEachUnit(
    _ count: Int, prepare: @Sendable (_ scratch: UnsafeMutablePointer<Float>) -> Void = { _ in },
    _ body: @Sendable (_ unit: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard count > 0 else { return }
    let active = min(threads, count)
    guard active > 1 else {
      prepare(threadScratch)
      for unit in 0..<count { body(unit, threadScratch) }
      return
    }
    let distance = Self.counterDistance
    withUnsafeTemporaryAllocation(of: Atomic<Int>.self, capacity: active * distance) { counters in
      guard let first = counters.baseAddress else { return }
      for thread in 0..<active {
        (first + thread * distance).initialize(to: Atomic(thread * count / active))
      }
      nonisolated(unsafe) let (shared, scratch) = (first, threadScratch)
      let stride = threadStride
      Workers.forEach(count: active, threads: active) { thread in
        var isPrepared = false
        for turn in 0..<active {
          let owner = (thread + turn) % active
          let last = (owner + 1) * count / active
          while true {
            let unit = shared[owner * distance].wrappingAdd(1, ordering: .relaxed).oldValue
            guard unit < last else { break }
            if !isPrepared { prepare(scratch + thread * stride) }
            isPrepared = true
            body(unit, scratch + thread * stride)
          }
        }
      }
    }
  }

  /// Atomic counters lie this many apart: threads that change counters in one cache line slow each
  /// other down.
  private static let counterDistance = 16
}

/// Scratch memory that a kernel needs, in elements.
struct ScratchSize: Sendable {
  /// Read and written by all threads.
  var shared = 0
  /// For each thread.
  var perThread = 0

  /// Both sizes rounded up to whole cache lines, and at least those of `other`.
  func covering(_ other: ScratchSize) -> ScratchSize {
    func rounded(_ size: Int) -> Int { (size + 15) / 16 * 16 }
    return ScratchSize(
      shared: max(shared, rounded(other.shared)),
      perThread: max(perThread, rounded(other.perThread)))
  }
}
