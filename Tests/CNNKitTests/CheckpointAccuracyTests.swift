import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNTestSupport
import Foundation
import SystemPackage
import Testing

/// Published PyTorch checkpoints reach their published accuracy here.
@Suite(.enabled(if: TestData.isPresent, Comment(rawValue: TestData.absence)))
struct CheckpointAccuracyTests {
  /// 98.92 % of the 10,000 test digits: the zip form of a PyTorch file, gray input.
  @Test func leNetReadsDigitsAsPublished() throws {
    let classifier = try ImageClassifier(
      model: .leNet5, weights: TestData.file("weights/mnist_cnn_zip.pth"))
    let pictures = try output(of: ["gunzip", "-c", mnist("t10k-images-idx3-ubyte.gz")])
      .dropFirst(16)
    let labels = try output(of: ["gunzip", "-c", mnist("t10k-labels-idx1-ubyte.gz")]).dropFirst(8)
    #expect(labels.count == 10_000)
    var correct = 0
    for start in stride(from: 0, to: labels.count, by: 1000) {
      let bytes = pictures.dropFirst(start * 784).prefix(1000 * 784)
      let digits = try (0..<1000).map { index in
        try Pixels(
          width: 28, height: 28, gray: Array(bytes.dropFirst(index * 784).prefix(784)))
      }
      let batch = Tensor(
        rows: digits.map { classifier.pretrained.preprocessing.apply(to: $0) })
      let predictions = try classifier.classify(batch: batch, top: 1)
      correct += zip(predictions, labels.dropFirst(start)).count { $0[0].label.index == Int($1) }
    }
    print("LeNet-5 on MNIST: \(Double(correct) / 100) %")
    #expect(correct == 9892)
  }

  /// 91.7 % on all of CIFAR-10; on its first 1000 test pictures at least 91 %: the legacy form of a
  /// PyTorch file, `module.` names, option-A shortcuts.
  @Test func resNet20ReadsCIFARAsPublished() throws {
    let temporary = try TemporaryFolder()
    defer { withExtendedLifetime(temporary) {} }
    let folder = temporary.url
    _ = try output(of: [
      "tar", "-xzf", TestData.file("cifar10/test1000.tar.gz").path, "-C", folder.path,
    ])
    let pretrained = try PretrainedNetwork(
      model: .cifarResNet20,
      weights: FilePath(TestData.file("weights/cifar_resnet20_legacy.th").path))
    let batches = PictureBatches(
      plan: InferencePlan(network: pretrained.network, parameters: pretrained.parameters),
      preprocessing: pretrained.preprocessing, batchSize: 100)
    let files = try Folder.files(below: FilePath(folder.path), domain: .picture)
    #expect(files.count == 1000)
    var correct = 0
    try batches.run(files) { outcomes in
      for outcome in outcomes {
        let best = Prediction.top(1, of: try outcome.result.get(), labels: pretrained.labels)
        let truth = outcome.path.removingLastComponent().lastComponent?.string
        correct += best[0][0].label.name == truth ? 1 : 0
      }
    }
    print("ResNet-20 on CIFAR-10's first 1000: \(Double(correct) / 10) %")
    #expect(correct >= 910)
  }

  private func mnist(_ name: String) -> String { TestData.file("mnist/\(name)").path }

  private func output(of command: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(command)")
    return data
  }
}
