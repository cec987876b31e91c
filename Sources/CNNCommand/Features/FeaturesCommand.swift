import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem
import CNNWeights
import SystemPackage

/// `cnn features`: the output of a node of the network for each picture, as an .npz file.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Write the output of a layer for pictures to an .npz file.",
    discussion: """
      EXAMPLES
        cnn features --model vgg16 --layer fc7 photos/ --output features.npz
        cnn features --model resnet50 --layer logits photos/ --output logits.npz

      The file holds `features` [N, ...] and `files` [N]; in Python:
      numpy.load("features.npz")["features"]. Pictures that cannot be read, or for
      which the output is not finite, are reported and left out, and the exit status
      is 1.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var outputs: ClassCountOptions
  @OptionGroup(title: "Pictures") var pictures: PictureOptions
  @OptionGroup(title: "Engine") var precision: PrecisionOptions

  @Option(
    help: ArgumentHelp(
      "The node; `cnn summary` lists all. `logits` are the scores before the softmax.",
      valueName: "node"))
  var layer: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"),
    completion: .file(extensions: ["npz"]))
  var output: PathArgument

  func run() throws {
    let options = try precision.inferenceOptions()
    let pretrained = try model.load(classes: outputs.classes, lastNode: layer)
    let list = try PictureList(pictures.pictures)
    var failed = list.failures.count
    for failure in list.failures { Diagnostics.report(failure.error) }

    let plan = InferencePlan(
      network: pretrained.network, parameters: pretrained.parameters, threads: model.threads,
      options: options)
    let batches = PictureBatches(
      plan: plan, preprocessing: pretrained.preprocessing, decoding: pictures.reading.decoding,
      batchSize: pictures.reading.batchSize)
    var file = try NPZWriter(output.path)
    try file.begin("features", rowShape: plan.outputShape, maximumRows: list.paths.count)
    var names: [String] = []
    var progress = ProgressLine(
      total: list.paths.count, unit: "pictures", isQuiet: pictures.reading.quiet)
    try batches.run(list.paths) { (outcomes) throws(CNNError) in
      for outcome in outcomes {
        Diagnostics.warn(outcome.warnings, about: outcome.path)
        let row: Tensor
        do throws(CNNError) {
          row = try outcome.result.get()
          try row.requireFiniteAnswer(.picture)
        } catch {
          failed += 1
          Diagnostics.report(error.about(outcome.path.displayName))
          continue
        }
        try file.append(row)
        names.append(outcome.path.exactName)
      }
      progress.advance(by: outcomes.count)
    }
    ProgressLine.clear()
    // No file is better than one without rows, which would hide that nothing could be read.
    guard !names.isEmpty else { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
    try file.end()
    try file.write("files", names)
    try file.finish()
    let node = pretrained.network.nodes.last?.name ?? layer
    let shape = ([names.count] + plan.outputShape).shapeDescription
    if !pictures.reading.quiet {
      Diagnostics.note("\(output.path.displayName): features \(shape) of node \(node)")
    }
    if failed > 0 { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }
}
