import CNNTestSupport
import Testing

@testable import CNNTraining

/// Sequences of learning rates against PyTorch's schedulers and Keras's formula.
@Suite struct LearningRateScheduleTests {
  struct Golden: Decodable {
    let values: [Double]
    let step: [Double]
    let plateauLoss: [Double]
    let plateauAccuracy: [Double]
    let cosine: [Double]
    let warmCosine: [Double]
    let timeDecay: [Double]
  }

  private func expect(
    _ schedule: LearningRateSchedule, _ expected: [Double], values: [Double]? = nil
  ) {
    var state = ScheduleState()
    for (step, rate) in expected.enumerated() {
      let actual = schedule.rate(step: step, stepsPerEpoch: 1, totalSteps: 24, state: state)
      // PyTorch multiplies step by step, which gathers a few roundings.
      #expect(abs(actual - rate) <= 1e-12, "step \(step): \(actual), expected \(rate)")
      if let values {
        schedule.finishEpoch(loss: values[step], accuracy: 1 - values[step], state: &state)
      }
    }
  }

  @Test func sequences() throws {
    let golden: Golden = try Fixture("schedules.json").decode()
    expect(.init(base: 0.1, shape: .step(factor: 0.3, epochs: 5)), golden.step)
    expect(.init(base: 0.1, shape: .cosine(minimum: 1e-3)), golden.cosine)
    expect(.init(base: 0.1, shape: .timeDecay(decay: 0.02)), golden.timeDecay)
    expect(
      .init(base: 0.1, shape: .plateau(Plateau(patience: 2, minimum: 5e-4))), golden.plateauLoss,
      values: golden.values)
    expect(
      .init(base: 0.1, shape: .plateau(Plateau(watches: .accuracy, factor: 0.5, patience: 1))),
      golden.plateauAccuracy, values: golden.values)
    expect(
      .init(base: 0.1, shape: .cosine(minimum: 1e-4), warmupSteps: 4), golden.warmCosine)
    expect(.init(base: 0.1), Array(repeating: 0.1, count: 24))
  }

  /// Steps of one epoch share a rate.
  @Test func epochsAreCountedInSteps() {
    let schedule = LearningRateSchedule(base: 1, shape: .step(factor: 0.5, epochs: 2))
    let rates = [0, 13, 14, 27, 28].map {
      schedule.rate(step: $0, stepsPerEpoch: 7, totalSteps: 70, state: ScheduleState())
    }
    #expect(rates == [1, 1, 0.5, 0.5, 0.25])
  }
}
