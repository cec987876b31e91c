import CNNKit
import CNNRuns
import CNNTraining
import Foundation

/// An ImageNet network learns to tell cats from dogs: pictures, training, evaluation, prediction.
///
///     swift run -c release FineTuneCatsAndDogs resnet18.pth data/train cat.jpg
///
/// `data/train` holds pictures named by class, such as `cat.0.jpg`, or a folder for each class. The
/// run is in `runs/cats-and-dogs`; started again, the program goes on where it was stopped.
@main
struct FineTuneCatsAndDogs {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      print("usage: FineTuneCatsAndDogs WEIGHTS DATA PICTURE")
      exit(2)
    }
    let files = arguments.dropFirst().map { URL(fileURLWithPath: $0) }
    do {
      try run(weights: files[0], data: files[1], picture: files[2])
    } catch {
      // Every error of the library says what is wrong, where, and what can be done.
      print(error)
      exit(1)
    }
  }

  static func run(weights: URL, data: URL, picture: URL) throws {
    // The pictures. The names of their classes come from the names of files or folders.
    let source = try DataSource(at: data)
    print(source)

    // What decides the result. A new last layer on ResNet's features is enough here; all other
    // layers stay frozen, so what they compute is computed once and kept on disk.
    var settings = FineTuningSettings()
    settings.transfer = Transfer(freeze: .allButLast)
    settings.epochs = 5
    settings.schedule = LearningRateSchedule(base: 0.01, shape: .cosine(minimum: 0))

    // The training. It splits the pictures, 85 % to train with and 15 % to validate on, and writes
    // everything it does into the folder of the run: open report.html there.
    let tuner = try FineTuner(
      model: .resNet18, weights: weights, source: source, settings: settings)
    let folder = RunFolder("runs/cats-and-dogs")
    _ = try tuner.run(in: folder, report: show)

    // The model of the best epoch is one file with weights, class names and preprocessing.
    let model = try PretrainedNetwork(weights: folder.best)

    // How good is it on the pictures that it was not trained with?
    let validation = try DataSplit(readingFrom: folder.path).validation
    let evaluation = try Evaluator(model).evaluate(validation).evaluation
    print(
      "\(evaluation.correct) of \(evaluation.count) pictures right:", percent(evaluation.accuracy))
    for metrics in evaluation.confusion.classes {
      print(
        "  \(metrics.name): precision", percent(metrics.precision), "recall",
        percent(metrics.recall))
    }
    for worst in evaluation.worst(3) {
      print("  \(worst.name): the true class got only", percent(worst.classProbability))
    }

    // What is on another picture?
    for prediction in try ImageClassifier(model).classify(picture) {
      print(
        "\(picture.lastPathComponent):", prediction.label.name,
        percent(Double(prediction.probability)))
    }
  }

  /// Shows what happens in a run.
  static func show(_ event: FineTuningEvent) {
    switch event {
    case .note(let text), .warning(let text, _):
      print(text)
    case .checking(let done, let total):
      if done == total { print("all \(total) pictures can be read") }
    case .extracting(let progress):
      print("\rfeatures: \(progress.done) of \(progress.total)", terminator: "")
      fflush(nil)
    case .starting(let start):
      print(
        "\ntraining \(start.trainedParameters) parameters, \(start.stepsPerEpoch) steps an epoch")
    case .step, .validating:
      break
    case .epoch(let record, let isBest):
      print(
        "epoch \(record.epoch): training", percent(record.accuracy), "right, validation",
        percent(record.validationAccuracy ?? 0), isBest ? "(best)" : "")
    }
  }

  static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
