import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

@Suite struct DropoutTests {
  /// Of n draws with probability p the number dropped lies within five standard deviations.
  @Test(arguments: [Float(0), 0.1, 0.5, 0.9]) func dropsItsPart(rate: Float) {
    let ones = Tensor(shape: [100, 1000], elements: repeatElement(1, count: 100_000))
    let result = DropoutMask(rate: rate, numbers: .dropout(seed: 12345, step: 0, node: "drop"))(
      ones, threads: 3)
    let dropped = result.elements.count { $0 == 0 }
    let expected = 100_000 * Double(rate)
    #expect(abs(Double(dropped) - expected) <= 5 * (expected * Double(1 - rate)).squareRoot())
    #expect(result.elements.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
  }

  /// Seed, step and node each make another mask, and the same ones the same mask.
  @Test func masksAreAFunctionOfSeedStepAndNode() throws {
    let network = try TrainingRunTests.head()
    let node = try #require(network.node("drop6"))
    func mask(seed: UInt64, step: Int) throws -> [Bool] {
      let dropout = try #require(TrainingRandomness(seed: seed, step: step).dropout(node))
      return (0..<1000).map(dropout.keeps)
    }
    let first = try mask(seed: 1, step: 0)
    #expect(try mask(seed: 1, step: 0) == first)
    for (seed, step) in [(1, 1), (2, 0), (0, 1)] {
      let other = try mask(seed: UInt64(seed), step: step)
      let equal = zip(first, other).count { $0 == $1 }
      // Independent masks agree in half of the places, give or take five deviations of 16.
      #expect(abs(equal - 500) < 80)
    }
    #expect(TrainingRandomness(seed: 1, step: 0, drops: false).dropout(node) == nil)
  }
}
