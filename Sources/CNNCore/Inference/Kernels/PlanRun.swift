internal import CNNKernels
internal import CNNSystem
internal import Synchronization

/// One run of a plan: the batch, and the memory that the steps share.
///
/// `nonisolated(unsafe)` pointers: each kernel hands its threads parts of a result that do not
/// overlap, and returns when all have ended.
struct PlanRun {
  /// Pictures of the batch.
  let pictures: Int
  /// Threads, each of which has a lane of scratch memory.
  let lanes: Int
  let kernels: UnsafePointer<cnn_kernels>
  private let memoryPlan: MemoryPlan
  private let memory: UnsafeMutablePointer<Float>
  /// Scratch memory that all threads see.
  let sharedScratch: UnsafeMutablePointer<Float>
  private let laneScratch: UnsafeMutablePointer<Float>
  private let laneStride: Int
  /// Results that are tensors, by the names of their nodes.
  var tensors: [String: Tensor]

  init(
    pictures: Int, lanes: Int, kernels: UnsafePointer<cnn_kernels>, memoryPlan: MemoryPlan,
    scratch: ScratchSize, memory: UnsafeMutablePointer<Float>, tensors: [String: Tensor]
  ) {
    self.pictures = pictures
    self.lanes = lanes
    self.kernels = kernels
    self.memoryPlan = memoryPlan
    self.memory = memory
    self.tensors = tensors
    sharedScratch = memory + memoryPlan.size * pictures
    laneScratch = sharedScratch + scratch.shared
    laneStride = scratch.lane
  }

  /// The first number of a map.
  func start(of slot: MapSlot) -> UnsafeMutablePointer<Float> {
    memory + memoryPlan.offsets[slot.buffer] * pictures + slot.firstBlock * slot.blockSize
  }

  /// Calls `body` once for each unit in `0..<count`. Each thread has a stretch of the units to
  /// itself, and takes what others have left when it has finished it. So a thread mostly reads and
  /// writes what it wrote in the step before: processors whose cores have separate level 3 caches
  /// (or virtual ones that lie so) move little between them.
  ///
  /// - Parameters:
  ///   - prepare: is called by each thread before its first unit, with its scratch memory.
  ///   - body: is given the unit and scratch memory that no other thread uses meanwhile.
  func forEachUnit(
    _ count: Int, prepare: @Sendable (_ scratch: UnsafeMutablePointer<Float>) -> Void = { _ in },
    _ body: @Sendable (_ unit: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard count > 0 else { return }
    let active = min(lanes, count)
    guard active > 1 else {
      prepare(laneScratch)
      for unit in 0..<count { body(unit, laneScratch) }
      return
    }
    let distance = Self.counterDistance
    withUnsafeTemporaryAllocation(of: Atomic<Int>.self, capacity: active * distance) { counters in
      guard let first = counters.baseAddress else { return }
      for lane in 0..<active {
        (first + lane * distance).initialize(to: Atomic(lane * count / active))
      }
      nonisolated(unsafe) let (shared, scratch) = (first, laneScratch)
      let stride = laneStride
      Workers.forEach(count: active, threads: active) { lane in
        var isPrepared = false
        for turn in 0..<active {
          let owner = (lane + turn) % active
          let last = (owner + 1) * count / active
          while true {
            let unit = shared[owner * distance].wrappingAdd(1, ordering: .relaxed).oldValue
            guard unit < last else { break }
            if !isPrepared { prepare(scratch + lane * stride) }
            isPrepared = true
            body(unit, scratch + lane * stride)
          }
        }
      }
    }
  }

  /// Two counters in a cache line would be slower than one.
  private static let counterDistance = 16
}

/// Scratch memory that a kernel needs, in numbers.
struct ScratchSize: Sendable {
  /// Seen by all threads.
  var shared = 0
  /// For each thread.
  var lane = 0

  /// Both sizes rounded up to whole cache lines, and at least those of `other`.
  func covering(_ other: ScratchSize) -> ScratchSize {
    func rounded(_ size: Int) -> Int { (size + 15) / 16 * 16 }
    return ScratchSize(
      shared: max(shared, rounded(other.shared)), lane: max(lane, rounded(other.lane)))
  }
}
