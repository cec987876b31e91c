import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

/// `cnn evaluate`: measures a model on pictures of known classes.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model on pictures of known classes: accuracy, confusions, worst pictures.",
    discussion: """
      EXAMPLES
        cnn evaluate --weights runs/pets/best.safetensors data/test
        cnn evaluate --weights runs/pets/best.safetensors runs/pets
        cnn evaluate --model resnet18 --weights resnet18.pth imagenet/val
        cnn evaluate --weights best.safetensors test/ --kaggle submission.csv

      `cnn data --help` lists what a data set can be. Its classes are matched to the
      model's labels by name; for ImageNet also by synset (n01440764) and number.
      Every picture counts. One that cannot be read is an error, exit status 4,
      unless --skip-bad leaves it out.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var output: ClassCountOptions

  @Argument(
    help: ArgumentHelp(
      "A folder of pictures, a list, or MNIST's idx files; see cnn data --help.",
      valueName: "data"), completion: .file())
  var data: PathArgument

  @Option(
    help: ArgumentHelp(
      "The part of a data set that is split: train, validation, test or all. Without it, validation "
        + "if there is one, else test, else all.", valueName: "part"))
  var part: DataPart?

  @Flag(help: "Leave out pictures that cannot be read, and say how many.")
  var skipBad = false

  @OptionGroup(title: "Pictures") var reading: ReadingOptions
  @OptionGroup(title: "Engine") var precision: PrecisionOptions

  @Option(
    help: ArgumentHelp(
      "Also report how often the class is among this many guesses.", valueName: "count"))
  var top = 5

  @Option(help: ArgumentHelp("How many of the worst pictures are listed.", valueName: "count"))
  var show = 10

  @Flag(help: "Print one JSON object with everything.")
  var json = false

  @Flag(help: "Print comma-separated values, a line for each picture.")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Write a submission for Kaggle: id,label, where label is the probability of the second of two "
        + "classes. The classes of the pictures need not be known.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var kaggle: PathArgument?

  func validate() throws {
    if top < 1 { throw ValidationError("--top must be at least 1") }
    if show < 0 { throw ValidationError("--show must not be negative") }
    if json, csv { throw ValidationError("--json and --csv exclude each other") }
  }

  func run() throws {
    let options = try precision.inferenceOptions()
    let pretrained = try model.load(classes: output.classes)
    let data = try EvaluationData(
      at: data.path, part: part, labels: pretrained.labels, allowsUnlabelled: kaggle != nil)
    var submission = try kaggle.map { (argument) throws(CNNError) in
      try SubmissionFile(
        argument.path, labels: pretrained.labels, names: data.pictures.map(\.source.name))
    }
    let evaluator = Evaluator(
      pretrained, decoding: reading.decoding, batchSize: reading.batchSize, threads: model.threads,
      options: options)
    var progress = ProgressLine(total: data.count, unit: "pictures", isQuiet: reading.quiet)
    var evaluation = Evaluation(classNames: pretrained.labels.labels.map(\.name))
    let bad = try evaluator.run(
      data.pictures, skippingBad: skipBad, progress: { progress.advance(by: $0) }
    ) { (picture, probabilities) throws(CNNError) in
      evaluation.add(probabilities, of: [picture])
      try submission?.add(picture.source.name, probabilities)
    }
    ProgressLine.clear()
    for (name, error) in bad { Diagnostics.warn("left out: \(name): \(error.message)") }
    guard evaluation.count > 0 else {
      throw CNNError(.data, .empty, "there are no pictures left", subject: data.name)
    }
    try submission?.write()
    if data.isLabelled { try write(evaluation, of: pretrained, data, skipped: bad.count) }
  }

  private func write(
    _ evaluation: Evaluation, of pretrained: PretrainedNetwork, _ data: EvaluationData,
    skipped: Int
  ) throws(CNNError) {
    if csv { return try LineWriter.printLines([String(evaluation.csv.dropLast())]) }
    let summary = EvaluationSummary(evaluation, topCounts: [1, top], worstCount: show)
    try LineWriter.printResult(
      EvaluationRecord(
        summary: summary, model: pretrained.network.name, data: data.name, skipped: skipped),
      asJSON: json,
      or: EvaluationText(summary, evaluation.confusion, skipped: skipped).lines(for: .output))
  }
}

/// An evaluation as `--json` prints it: `EvaluationSummary`, the model and the data set.
struct EvaluationRecord: Encodable {
  let summary: EvaluationSummary
  /// The network's name.
  let model: String
  /// The data set.
  let data: String
  /// Pictures that could not be read and were left out.
  let skipped: Int

  private enum CodingKeys: String, CodingKey {
    case model, data, skipped
  }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(data, forKey: .data)
    try container.encode(skipped, forKey: .skipped)
  }
}
