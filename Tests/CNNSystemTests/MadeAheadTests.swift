import CNNSystem
import Synchronization
import Testing

@Suite struct MadeAheadTests {
  private struct Stop: Error {}

  /// Every value once and in order, whatever both sides do with the threads.
  @Test(arguments: [0, 1, 2, 50], [1, 2, 3])
  func inOrder(_ count: Int, threads: Int) {
    var used: [Int] = []
    Workers.forEachMadeAhead(
      count: count, threads: threads,
      make: { number in Workers.map(count: 100, threads: threads) { number * 100 + $0 } }
    ) { values in
      used += Workers.map(count: values.count, threads: threads) { values[$0] }
    }
    #expect(used == Array(0..<(count * 100)))
  }

  /// One value is made while one is used, and not more.
  @Test func oneAhead() {
    let made = Mutex(0)
    var used = 0
    Workers.forEachMadeAhead(
      count: 20, threads: 2, make: { _ in made.withLock { $0 += 1 } }
    ) { _ in
      // The next one is made meanwhile: only then does this call return.
      while made.withLock({ $0 }) < min(used + 2, 20) {}
      #expect(made.withLock { $0 } <= used + 2)
      used += 1
    }
    #expect(used == 20)
  }

  /// Where the use fails, the error comes through, nothing more is made, and the threads are free.
  @Test(arguments: [1, 2]) func failure(_ threads: Int) {
    for _ in 0..<20 {
      let made = Mutex(0)
      #expect(throws: Stop.self) {
        try Workers.forEachMadeAhead(
          count: 9, threads: threads,
          make: { number in
            made.withLock { $0 += 1 }
            return number
          }
        ) { number throws(Stop) in if number == 3 { throw Stop() } }
      }
      #expect(made.withLock { $0 } == (threads == 1 ? 4 : 5))
    }
  }
}
