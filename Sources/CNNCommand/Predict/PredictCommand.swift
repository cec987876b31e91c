import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem

/// `cnn predict`: the most probable classes of each picture.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Print the most probable classes of pictures.",
    discussion: """
      EXAMPLES
        cnn predict --model vgg16 --weights vgg16_weights.npz elephant.jpg
        cnn predict --model resnet50 --top 1 photos/
        cnn predict --weights runs/pets/best.safetensors cat.jpg
        cnn predict --model alexnet --json photos/ > labels.jsonl
        find photos -name '*.jpg' | cnn predict --model vgg16 --csv -

      Results go to standard output, everything else to standard error.
      A picture that cannot be read is reported, the others are still classified,
      and the exit status is 1.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var output: ClassCountOptions
  @OptionGroup(title: "Pictures") var pictures: PictureOptions
  @OptionGroup(title: "Engine") var precision: PrecisionOptions

  @Option(help: ArgumentHelp("Classes printed for each picture.", valueName: "count"))
  var top = 5

  @Flag(help: "One JSON object a line for each picture.")
  var json = false

  @Flag(help: "Comma-separated values, a line for each class.")
  var csv = false

  func validate() throws {
    if top < 1 { throw ValidationError("--top must be at least 1") }
    if json, csv { throw ValidationError("--json and --csv exclude each other") }
  }

  func run() throws {
    var options = try precision.inferenceOptions()
    let pretrained = try model.load(classes: output.classes)
    let list = try PictureList(pictures.pictures)
    // For a single picture, packing all weights first would cost more than it saves.
    if list.paths.count == 1 { options.packing = .eachRun }
    let classifier = ImageClassifier(
      pretrained, decoding: pictures.reading.decoding, threads: model.threads,
      inference: options)
    var writer = try writer(for: classifier.pretrained)
    var progress = ProgressLine(
      total: list.paths.count, unit: "pictures", isQuiet: pictures.reading.quiet)
    var failed = list.failures.count
    for failure in list.failures { try writer.write(failure.error, of: failure.path) }
    try classifier.classify(
      files: list.paths, top: top, batchSize: pictures.reading.batchSize
    ) { (outcomes) throws(CNNError) in
      ProgressLine.clear()
      for outcome in outcomes {
        switch outcome.result {
        case .success(let classification):
          try writer.write(
            classification.predictions, of: outcome.picture, warnings: classification.warnings)
        case .failure(let error):
          failed += 1
          try writer.write(error, of: outcome.picture)
        }
      }
      try writer.output.flush()
      progress.advance(by: outcomes.count)
    }
    ProgressLine.clear()
    try writer.output.flush()
    if failed > 0 { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }

  private func writer(for pretrained: PretrainedNetwork) throws -> any PredictionWriter {
    if json { return JSONPredictionWriter(model: pretrained.network.name) }
    if csv { return try CSVPredictionWriter() }
    return TablePredictionWriter()
  }
}
