import CNNCore
import CNNImage
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

@testable import CNNTraining

@Suite struct EvaluationTests {
  struct Golden: Decodable {
    let probabilities: FixtureTensor
    let classes: [Int]
    let accuracy: Double
    let top3: Double
    let logLoss: Double
    let precision: [Double]
    let recall: [Double]
    let f1: [Double]
    let confusion: [[Int]]
    let worst: [Int]
  }

  private func evaluation(of golden: Golden, batch: Int) -> Evaluation {
    let width = golden.probabilities.shape[1]
    var evaluation = Evaluation(classNames: (0..<width).map { "class \($0)" })
    for start in stride(from: 0, to: golden.classes.count, by: batch) {
      let rows = start..<min(start + batch, golden.classes.count)
      let pictures = rows.map {
        LabelledPicture(.file(FilePath("\($0).jpg")), classIndex: golden.classes[$0])
      }
      let elements = golden.probabilities.data[rows.lowerBound * width..<rows.upperBound * width]
      evaluation.add(Tensor(shape: [rows.count, width], elements: elements), of: pictures)
    }
    return evaluation
  }

  /// The formulas of scikit-learn in NumPy. The same numbers in sums of another order differ by
  /// rounding only: 137 terms of at most 35, each good to 1e-16 of itself.
  @Test(arguments: [1, 10, 64, 1000])
  func metricsAreThoseOfScikitLearn(batch: Int) throws {
    let golden: Golden = try Fixture("evaluation.json", testFile: Self.file).decode()
    let evaluation = evaluation(of: golden, batch: batch)
    #expect(evaluation.count == 137)
    #expect(evaluation.accuracy == golden.accuracy)
    #expect(evaluation.accuracy(top: 3) == golden.top3)
    #expect(abs(evaluation.logLoss - golden.logLoss) < 1e-12)
    #expect(evaluation.confusion.counts == golden.confusion)
    let classes = evaluation.confusion.classes
    #expect(classes.map(\.precision) == golden.precision)
    #expect(classes.map(\.recall) == golden.recall)
    for (found, expected) in zip(classes.map(\.f1), golden.f1) {
      #expect(abs(found - expected) < 1e-15)
    }
    #expect(evaluation.worst(5).map(\.name) == golden.worst.map { "\($0).jpg" })
  }

  private static let file = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("x").path

  /// The tutorial's test set of 3000 pictures in batches of 1024: rounding the number of batches
  /// down counts 2048 of them, and a mean of batch means weighs the last 952 wrongly.
  @Test func everyPictureIsCounted() throws {
    let classes = (0..<3000).map { $0 < 1500 ? 0 : 1 }
    // Right about 95 % of the first class and 60 % of the second.
    let isRight = (0..<3000).map { $0 < 1500 ? $0 % 20 != 0 : $0 % 5 < 3 }
    var evaluation = Evaluation(classNames: ["cat", "dog"])
    var running = RunningMetrics()
    var batchMeans: [Double] = []
    for start in stride(from: 0, to: 3000, by: 1024) {
      let rows = start..<min(start + 1024, 3000)
      let elements = rows.flatMap { row -> [Float] in
        (classes[row] == 0) == isRight[row] ? [0.75, 0.25] : [0.25, 0.75]
      }
      evaluation.add(
        Tensor(shape: [rows.count, 2], elements: elements),
        of: rows.map { LabelledPicture(.file(FilePath("\($0)")), classIndex: classes[$0]) })
      let correct = rows.count { isRight[$0] }
      let loss = rows.reduce(0.0) { $0 - log(isRight[$1] ? 0.75 : 0.25) } / Double(rows.count)
      running.add(meanLoss: loss, correct: correct, count: rows.count)
      batchMeans.append(Double(correct) / Double(rows.count))
    }
    let truth = Double(isRight.count { $0 }) / 3000
    #expect(truth == 0.775)
    let summary = EvaluationSummary(evaluation)
    #expect(summary.count == 3000)
    #expect(summary.accuracy == truth)
    #expect(summary.classes.map(\.recall) == [0.95, 0.6])
    #expect(summary.topAccuracies == [1: truth])
    #expect(running.count == 3000 && running.accuracy == truth)
    // Three products of means and counts against one sum of 3000 terms.
    #expect(abs(running.loss - summary.logLoss) < 1e-12)
    let dropped = Double((0..<2048).count { isRight[$0] }) / 2048
    let unweighted = batchMeans.reduce(0, +) / 3
    #expect(abs(dropped - truth) > 0.05 && abs(unweighted - truth) > 0.002)
  }

  /// Wholly wrong and no number at all cost -log(1e-15), not infinity.
  @Test func probabilitiesAreClipped() {
    var evaluation = Evaluation(classNames: ["a", "b"])
    for numbers: [Float] in [[0, 1], [.nan, 0.5]] {
      evaluation.add(EvaluatedPicture(name: "x", classIndex: 0, probabilities: numbers))
    }
    #expect(evaluation.correct == 0)
    #expect(abs(evaluation.logLoss - 34.538776394910684) < 1e-12)
  }

  @Test func filesForOthers() throws {
    var evaluation = Evaluation(classNames: ["cat", "do,g"])
    evaluation.add(EvaluatedPicture(name: "a,b.jpg", classIndex: 1, probabilities: [0.25, 0.75]))
    #expect(
      evaluation.csv == """
        file,label,predicted,label_probability,predicted_probability,correct
        "a,b.jpg","do,g","do,g",0.75,0.75,1

        """)
    let json = try JSONEncoder().encode(EvaluationSummary(evaluation))
    let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    #expect(object["count"] as? Int == 1 && object["accuracy"] as? Double == 1)
    #expect(object["log_loss"] as? Double == -log(0.75))
    #expect(
      try JSONDecoder().decode(EvaluationSummary.self, from: json) == EvaluationSummary(evaluation))

    var submission = KaggleSubmission()
    for (name, probability) in [("t/10.jpg", 0.5), ("t1/2.jpg", 0.25), ("dog.3.x.jpg", 1)] {
      try submission.add(name: name, probability: probability)
    }
    #expect(submission.text == "id,label\n2,0.25\n3,1.0\n10,0.5\n")
    #expect(throws: CNNError.self) { try submission.add(name: "test1/cat.jpg", probability: 0) }
    #expect(throws: CNNError.self) { try submission.add(name: "other/10.png", probability: 0) }
  }

  @Test func confusionsAreSorted() {
    var matrix = ConfusionMatrix(classNames: ["a", "b", "c"])
    for (row, column) in [(0, 1), (0, 1), (2, 0), (1, 1), (0, 2)] {
      matrix.add(classIndex: row, predictedIndex: column)
    }
    let pairs = matrix.largestConfusions(2)
    #expect(pairs.map(\.count) == [2, 1])
    #expect(pairs.map(\.classIndex) == [0, 0] && pairs.map(\.predictedIndex) == [1, 2])
  }
}
