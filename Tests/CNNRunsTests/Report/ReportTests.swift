import CNNCore
import CNNImage
import CNNTestSupport
import CNNTraining
import Foundation
import SystemPackage
import Testing

@testable import CNNRuns

@Suite struct ReportTests {
  /// A run as it could have been, of some classes and epochs.
  private func report(
    classes: [String], epochs: Int, pictures: DataSet?
  ) -> ReportPage {
    let numbers = RandomNumbers(seed: 4, purpose: .augmentation)
    var evaluation = Evaluation(classNames: classes)
    let count = pictures?.count ?? 900
    for index in 0..<count {
      let truth = pictures?.pictures[index].classIndex ?? index % classes.count
      var scores = classes.indices.map { Float(numbers.uniform(index * 1009 + $0)) }
      scores[truth] +=
        0.3 + Float(numbers.uniform(index + 77)) * 4 / Float(classes.count).squareRoot()
      let sum = scores.reduce(0) { $0 + exp(6 * $1) }
      evaluation.add(
        EvaluatedPicture(
          name: pictures?.pictures[index].source.name ?? "val/<\(index)>.jpg", classIndex: truth,
          probabilities: scores.map { exp(6 * $0) / sum }))
    }
    let records = (1...max(1, epochs)).map { epoch in
      let noise = 0.02 * numbers.uniform(epoch)
      let fall = exp(-Double(epoch) / 4)
      return LogRecord(
        step: 80 * epoch, epoch: epoch, kind: .epoch, loss: 0.06 + 0.5 * fall + noise,
        accuracy: 0.985 - 0.12 * fall - noise / 2, validationLoss: 0.1 + 0.35 * fall + 2 * noise,
        validationAccuracy: 0.978 - 0.07 * fall - noise / 2, learningRate: 0.01, seconds: 9)
    }
    let worst = evaluation.worst(18)
    return ReportPage(
      title: "resnet18 on cats & dogs",
      command:
        "cnn finetune --freeze all-but-last --model resnet18 --weights resnet18.npz data/train",
      highlights: [
        .init("best validation accuracy", "97.78 %"), .init("log loss", "0.0712"),
        .init("pictures to train with", "5,100"), .init("validated on", "900"),
        .init("epochs", "\(epochs)"), .init("time", "2:41"),
      ],
      settings: [
        .init("network", "resnet18, 11,177,538 parameters, 1,026 of them trained"),
        .init(
          "preprocessing", "short side 256, crop 224, RGB, /255, mean and deviation of ImageNet"),
        .init("optimiser", "SGD, learning rate 0.01, momentum 0.9"), .init("seed", "1"),
      ],
      records: records, evaluation: evaluation,
      worst: pictures.map { ReportPicture.all(worst, in: $0) }
        ?? worst.map { ReportPicture($0, pixels: nil) })
  }

  private func write(_ report: ReportPage, to folder: FilePath) throws {
    try report.write(to: folder.appending("report.html"))
    try PlotFiles(in: folder).writeCurves(of: report.records)
    try PlotFiles(in: folder).write(try #require(report.evaluation).confusion)
  }

  /// What a run writes, of few classes and of many.
  @Test(arguments: [2, 10, 40, 1000])
  func aRunIsWritten(classes: Int) throws {
    let scratch = try TemporaryFolder(keptAs: "report-\(classes)")
    let folder = scratch.path
    let names =
      classes == 2 ? ["cat", "dog"] : (0..<classes).map { "class of a longer name \($0)" }
    let data = FilePath(TestData.file("cats-vs-dogs/native").path)
    let pictures = classes == 2 ? try? DataSource(at: data).training : nil
    let report = report(classes: names, epochs: classes == 40 ? 60 : 12, pictures: pictures)
    try write(report, to: folder)
    let html = report.html
    #expect(html.contains("resnet18 on cats &amp; dogs"))
    #expect(html.components(separatedBy: "<svg").count == 6)
    #expect(html.components(separatedBy: "<figure").count == 19)
    // Nothing is fetched from anywhere; the only address is the name of SVG's vocabulary.
    #expect(!html.contains("<script") && !html.contains("<link"))
    #expect(
      html.components(separatedBy: "http").count
        == html.components(separatedBy: "http://www.w3.org/2000/svg").count)
    for name in ["loss", "accuracy", "confusion-matrix"] {
      let path = folder.appending(name + ".png")
      #expect(try PictureDecoder().decode(path).warnings.isEmpty)
    }
  }

  /// Names from files are text, never markup.
  @Test func namesAreEscaped() throws {
    let evil = "<script>alert('\"&')</script>"
    var evaluation = Evaluation(classNames: [evil, "b"])
    evaluation.add(EvaluatedPicture(name: evil, classIndex: 0, probabilities: [0.1, 0.9]))
    let html = ReportPage(
      title: evil, command: evil, highlights: [.init(evil, evil)], settings: [.init(evil, evil)],
      records: [], evaluation: evaluation,
      worst: [
        ReportPicture(evaluation.pictures[0], pixels: try Pixels(width: 1, height: 1, gray: [0]))
      ]
    ).html
    #expect(!html.contains("<script") && !html.contains("alert('"))
    #expect(html.contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"))
  }

  @Test func thumbnailsAreSmall() throws {
    let wide = try Pixels(width: 3000, height: 200, gray: [UInt8](repeating: 9, count: 600_000))
    let picture = EvaluatedPicture(name: "wide", classIndex: 0, probabilities: [1])
    let jpeg = try #require(ReportPicture(picture, pixels: wide).thumbnail)
    let size = try PictureDecoder().decode(.init(copying: jpeg)).pixels.size
    #expect(size == Extent(height: 176, width: 704))
  }
}
