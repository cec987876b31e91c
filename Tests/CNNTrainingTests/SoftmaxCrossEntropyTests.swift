import CNNCore
import CNNTestSupport
import Testing

@testable import CNNTraining

@Suite struct SoftmaxCrossEntropyTests {
  struct Case: Decodable, Sendable {
    let shape: [Int]
    let labels: [Int]
    let smoothing: Double
    let weights: [Double]?
    let loss: Double
    let gradient: FixtureTensor
  }

  static let cases = (try? Fixture("cross_entropy.json").decode([Case].self)) ?? []

  @Test func fixturesAreThere() { #expect(Self.cases.count == 4) }

  /// PyTorch's `cross_entropy` with smoothing, class weights and both.
  @Test(arguments: cases) func agreesWithPyTorch(_ test: Case) {
    let logits = Tensor(synthetic: test.shape, stream: 0).mapped { $0 * 20 }
    let result = SoftmaxCrossEntropy(
      labelSmoothing: test.smoothing, classWeights: test.weights)(logits, labels: test.labels)
    // The logits are rounded to Float32 (up to 1e-6), everything else is double precision.
    #expect(abs(result.mean - test.loss) < 2e-6)
    expectClose(result.logitsGradient, test.gradient.tensor, absolute: 2e-7)
  }

  /// The mean of a batch is the weighted mean of its parts, so an epoch can be summed up.
  @Test func partsAddUp() {
    let loss = SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: [1, 3, 0.5])
    let logits = Tensor(synthetic: [5, 3], stream: 0)
    let labels = [0, 1, 2, 1, 0]
    let whole = loss(logits, labels: labels)
    let parts = zip(logits.rows, labels).map { loss($0, labels: [$1]) }
    let weight = parts.reduce(0) { $0 + $1.weight }
    #expect(abs(weight - whole.weight) < 1e-12)
    let mean = parts.reduce(0) { $0 + $1.mean * $1.weight } / weight
    #expect(abs(mean - whole.mean) < 1e-12)
    #expect(parts.reduce(0) { $0 + $1.correct } == whole.correct)
  }

  /// Logits far beyond what `exp` can take.
  @Test func hugeLogitsStayFinite() {
    let logits = Tensor(shape: [1, 3], elements: [1e4, -1e4, 3])
    let result = SoftmaxCrossEntropy()(logits, labels: [1])
    #expect(result.mean == 2e4)
    #expect(result.logitsGradient.elements == [1, -1, 0])
  }

  /// A label that the network has no output for is said in optimised builds too.
  @Test func aLabelOutsideTheClassesEndsWithItsText() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SoftmaxCrossEntropy()(Tensor(zeros: [2, 3]), labels: [0, 3])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("a label is outside the 3 classes: [0, 3]"))
  }
}
