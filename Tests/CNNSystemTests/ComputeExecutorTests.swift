import CNNSystem
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ComputeExecutorTests {
  /// What the tests' jobs count and wait for.
  private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let begun = Atomic(0)
    private let running = Atomic(0)
    private let largest = Atomic(0)

    /// Jobs that have begun.
    var begunCount: Int { begun.load(ordering: .sequentiallyConsistent) }
    /// The most jobs that ran at once.
    var largestCount: Int { largest.load(ordering: .sequentiallyConsistent) }

    func open() { isOpen.store(true, ordering: .sequentiallyConsistent) }

    /// Holds its thread until the gate is open.
    func pass() {
      begun.wrappingAdd(1, ordering: .sequentiallyConsistent)
      largest.max(
        running.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue,
        ordering: .sequentiallyConsistent)
      while !isOpen.load(ordering: .sequentiallyConsistent) { Self.pause() }
      running.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }

    private static func pause() {
      let end = ContinuousClock.now + .microseconds(200)
      while ContinuousClock.now < end {}
    }
  }

  /// Sixteen jobs hold all threads that they can get, and other tasks go on: were the jobs on the
  /// cooperative pool, none of these would ever run.
  @Test(arguments: [1, 2]) func otherTasksGoOn(_ threadCount: Int) async throws {
    let executor = ComputeExecutor(threadCount: threadCount)
    let gate = Gate()
    let jobs = (0..<16).map { number in
      Task {
        try await executor.run { () throws(CNNError) in
          gate.pass()
          return number
        }
      }
    }
    while gate.begunCount < threadCount { await Task.yield() }
    let others = await withTaskGroup(of: Int.self) { group in
      for number in 0..<100 { group.addTask { number } }
      return await group.reduce(0, +)
    }
    #expect(others == 4950)
    #expect(gate.begunCount == threadCount)
    gate.open()
    for (number, job) in jobs.enumerated() { #expect(try await job.value == number) }
    #expect(gate.begunCount == 16 && gate.largestCount == threadCount)
  }

  @Test func jobsOfOneThreadRunInTheOrderOfTheCalls() async throws {
    let executor = ComputeExecutor(threadCount: 1)
    let order = Mutex<[Int]>([])
    for number in 0..<50 {
      try await executor.run { () throws(CNNError) in order.withLock { $0.append(number) } }
    }
    #expect(order.withLock { $0 } == Array(0..<50))
  }

  @Test func errorsPassThrough() async {
    let error = await #expect(throws: CNNError.self) {
      try await ComputeExecutor.shared.run { () throws(CNNError) in
        throw CNNError(.picture, .empty, "nothing")
      }
    }
    #expect(error?.code == .empty)
  }

  /// A task that is cancelled while it waits for a thread never begins its work.
  @Test func cancelledWorkDoesNotBegin() async throws {
    let executor = ComputeExecutor(threadCount: 1)
    let gate = Gate()
    let first = Task { try await executor.run { () throws(CNNError) in gate.pass() } }
    while gate.begunCount < 1 { await Task.yield() }
    let second = Task { try await executor.run { () throws(CNNError) in gate.pass() } }
    second.cancel()
    gate.open()
    try await first.value
    let error = await #expect(throws: CNNError.self) { try await second.value }
    #expect(error?.code == .cancelled)
    #expect(gate.begunCount == 1)
  }
}
