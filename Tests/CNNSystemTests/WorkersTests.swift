import CNNSystem
import CNNTestSupport
import Synchronization
import Testing

@Suite struct WorkersTests {
  /// How often `forEach` called each index.
  private func visits(count: Int, threads: Int) -> [Int] {
    let visited = Mutex([Int](repeating: 0, count: count))
    Workers.forEach(count: count, threads: threads) { index in
      visited.withLock { $0[index] += 1 }
    }
    return visited.withLock { $0 }
  }

  @Test(arguments: 1...8) func everyIndexOnce(_ threads: Int) {
    for count in [0, 1, 2, 3, threads - 1, threads, threads + 1, 100, 1001] {
      #expect(visits(count: count, threads: threads) == [Int](repeating: 1, count: count))
    }
  }

  @Test(arguments: 1...8) func rangesCoverAllIndices(_ threads: Int) {
    for count in [1, 2, threads - 1, threads, threads + 1, 1000] where count > 0 {
      let ranges = Mutex<[Range<Int>]>([])
      Workers.forEachRange(count: count, threads: threads) { range in
        ranges.withLock { $0.append(range) }
      }
      let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
      #expect(sorted.count == min(count, threads))
      #expect(sorted.flatMap { Array($0) } == Array(0..<count))
    }
  }

  @Test(arguments: 1...8) func mapKeepsTheOrder(_ threads: Int) {
    #expect(Workers.map(count: 777, threads: threads) { $0 * $0 } == (0..<777).map { $0 * $0 })
  }

  /// Two threads must really run at once: each of two calls waits for a while until the other has
  /// begun. While other tests keep the threads busy the caller is left alone, so it tries again for
  /// longer than they all take.
  @Test(.timeLimit(.minutes(5))) func callsRunAtOnce() async throws {
    let start = ContinuousClock.now
    while start.duration(to: .now) < .seconds(240) {
      let begun = Atomic(0)
      let met = Atomic(0)
      Workers.forEach(count: 2, threads: 2) { _ in
        begun.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let waiting = ContinuousClock.now
        while begun.load(ordering: .sequentiallyConsistent) < 2 {
          if waiting.duration(to: .now) > .milliseconds(20) { return }
        }
        met.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
      if met.load(ordering: .sequentiallyConsistent) == 2 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("two calls never ran at once")
  }

  @Test(.timeLimit(.minutes(5))) func nestedCallsEnd() {
    for threads in [2, 4, 8] {
      let sum = Atomic(0)
      Workers.forEach(count: 10, threads: threads) { outer in
        Workers.forEach(count: 10, threads: threads) { middle in
          Workers.forEachRange(count: 10, threads: threads) { inner in
            for index in inner {
              sum.wrappingAdd(outer * 100 + middle * 10 + index, ordering: .relaxed)
            }
          }
        }
      }
      #expect(sum.load(ordering: .relaxed) == 999 * 1000 / 2)
    }
  }

  /// Many tasks at once, each with many short loops of other sizes: no index may be lost or reach
  /// another loop, and all must end.
  @Test(.timeLimit(.minutes(5))) func manyCallers() async {
    await withTaskGroup(of: Bool.self) { group in
      for caller in 0..<16 {
        group.addTask {
          (0..<500).allSatisfy { round in
            let count = 1 + (caller * 7 + round) % 33
            let threads = 1 + (caller + round) % 8
            let result = Workers.map(count: count, threads: threads) { caller * 1000 + $0 }
            return result == (0..<count).map { caller * 1000 + $0 }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// The threads go to sleep between loops and must be woken.
  @Test(.timeLimit(.minutes(5))) func threadsWakeAfterSleep() async throws {
    for pause in [0, 1, 5, 20] {
      for _ in 0..<10 {
        try await Task.sleep(for: .milliseconds(pause))
        #expect(Workers.map(count: 64, threads: 4) { $0 } == Array(0..<64))
      }
    }
  }

  /// More threads than there can be: the loop runs on those there are.
  @Test func absurdThreadCount() {
    #expect(visits(count: 5000, threads: .max) == [Int](repeating: 1, count: 5000))
  }
}
