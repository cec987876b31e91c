import CNNSystem
import CNNTestSupport
import CNNTraining
import Foundation
import Testing

@testable import CNNRuns

@Suite struct TrainingLogTests {
  private func record(_ step: Int, _ kind: LogRecord.Kind = .step) -> LogRecord {
    LogRecord(
      step: step, epoch: step / 3 + 1, kind: kind, loss: 0.1 + 0.2 / Double(step), accuracy: 1 / 3,
      validationLoss: kind == .epoch ? 1e-300 : nil,
      validationAccuracy: kind == .epoch ? 0.975 : nil, learningRate: 1e-4,
      gradientNorm: step.isMultiple(of: 2) ? nil : .infinity, seconds: 12.5)
  }

  @Test func linesAreThereAtOnceAndReadBackExactly() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.csv")
    let log = try TrainingLog(path)
    for step in 1...4 {
      try log.append(record(step, step == 4 ? .epoch : .step))
      // While the file is still open.
      #expect(try TrainingLog.records(in: path).count == step)
    }
    #expect(try TrainingLog.records(in: path) == (1...3).map { record($0) } + [record(4, .epoch)])
    let text = try String(contentsOf: URL(fileURLWithPath: path.string), encoding: .utf8)
    #expect(
      text.hasPrefix(
        "step,epoch,kind,loss,accuracy,validation_loss,validation_accuracy,learning_rate,"
          + "gradient_norm,seconds\n1,1,step,0.30000000000000004,0.3333333333333333,,,0.0001,inf,12.5\n"
      ))
  }

  /// A process killed in the middle of step 7, whose checkpoint stands at step 5.
  @Test func aResumedRunCutsWhatItDoesAgain() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("log.csv")
    do {
      let log = try TrainingLog(path)
      for step in 1...6 { try log.append(record(step)) }
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path.string))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("7,3,step,0.1,0.2,,,0.0001,1.2,1".utf8))
    try handle.close()
    do {
      let log = try TrainingLog(
        path, keeping: try TrainingLog.records(in: path).filter { $0.step <= 5 })
      #expect(try TrainingLog.records(in: path) == (1...5).map { record($0) })
      for step in 6...8 { try log.append(record(step)) }
    }
    #expect(try TrainingLog.records(in: path) == (1...8).map { record($0) })
    // A new run does not go on with an old log.
    _ = try TrainingLog(path)
    #expect(try TrainingLog.records(in: path).isEmpty)
    #expect(try TrainingLog.records(in: folder.path("none.csv")).isEmpty)
  }

  @Test func aFolderThatIsNotThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("none/log.csv")
    let error = #expect(throws: CNNError.self) { _ = try TrainingLog(path) }
    #expect(error?.domain == .output)
  }
}
