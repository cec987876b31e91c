import ArgumentParser
import CNNCore
import CNNKit
import CNNSystem
import CNNTraining
import CNNWeights
import SystemPackage

/// `cnn summary`: prints the layers of a network with their shapes and costs; no weights are needed.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Print the layers of a network: shapes, parameters, multiply-adds, memory.",
    usage: "cnn summary (--model <name> | --weights <file>) [<options>]",
    discussion: """
      EXAMPLES
        cnn summary --model vgg16
        cnn summary --model vgg16 --input 48 --classes 10 --freeze conv
        cnn summary --model resnet18 --head 512 --classes 2 --freeze all-but-last
        cnn summary --model resnet50 --json
        cnn summary --weights runs/pets/best.safetensors

      Multiply-adds, and memory for the outputs of layers in Float32, are for one
      picture. --freeze and --head show what cnn finetune would train.
      """)

  @OptionGroup var network: NetworkArguments
  @OptionGroup var outputs: ClassCountOptions

  @Option(
    help: ArgumentHelp(
      "A weights file: its network is shown, and for a model file that training wrote also its "
        + "classes, metrics and origin.", valueName: "file"),
    completion: .file(extensions: ModelOptions.weightsExtensions))
  var weights: PathArgument?

  @OptionGroup var weightsEntry: WeightsEntryOption

  @Option(help: ArgumentHelp("Channels of the input: 3, or 1 for grey.", valueName: "count"))
  var channels: Int?

  @Option(
    help: ArgumentHelp(
      "The layers that training would keep fixed: none, conv, all-but-last, a node or stage with "
        + "everything before it, or a number of layers.", valueName: "layers"))
  var freeze = "none"

  @OptionGroup var newHead: HeadOptions

  @Flag(help: "Print one JSON object with all nodes and totals.")
  var json = false

  func validate() throws {
    if let channels, !(1...65_536).contains(channels) {
      throw ValidationError("--channels must be between 1 and 65536")
    }
    if network.model == nil, weights == nil {
      throw ValidationError("Name a network with --model, or a file with --weights")
    }
    if channels != nil, weights != nil {
      throw ValidationError("--channels and --weights exclude each other")
    }
  }

  func run() throws {
    let (heading, whole) = try weights.map { (argument) throws(CNNError) in
      try described(by: argument.path)
    }.or { () throws(CNNError) in try published() }
    let summary = try summary(of: whole)
    try LineWriter.printResult(
      summary, asJSON: json, or: heading + [""] + SummaryTable(summary).lines(for: .output))
  }

  /// The network of the catalogue, with the classes, channels and input size of the flags.
  private func published() throws(CNNError) -> (heading: [String], network: Network) {
    guard let model = try network.entry() else { preconditionFailure("validated") }
    var options = model.defaults
    options.classes = outputs.classes ?? options.classes
    options.inputChannels = channels ?? options.inputChannels
    options.inputSize = network.input ?? options.inputSize
    return (["\(model.name): \(model.summary)"], try model.network(options))
  }

  /// The network of a weights file, and what a model file says about itself.
  private func described(
    by path: FilePath
  ) throws(CNNError) -> (heading: [String], network: Network) {
    let model = try network.entry()
    var options = LoadingOptions()
    options.classes = outputs.classes
    options.inputSize = network.input
    options.reading.entry = weightsEntry.name
    if let file = try ModelFile(try WeightsFile.read(path, options: options.reading)) {
      // The layers of its base are not needed for this.
      return (ModelFileText(file).lines, try file.network(as: model, options: options))
    }
    let pretrained = try PretrainedNetwork(model: model, weights: path, options: options)
    return (["\(pretrained.network.name): \(path.displayName)"], pretrained.network)
  }

  /// The network as training would make it, with the classifier of `--head` if there is one.
  private func summary(of network: Network) throws(CNNError) -> NetworkSummary {
    let transfer = Transfer(freeze: Freeze(freeze), head: newHead.classifier)
    do {
      guard transfer.head != nil else {
        return NetworkSummary(network, frozen: try network.frozenNodes(transfer.freeze))
      }
      let kept = network.truncated(after: try transfer.lastKeptNode(of: network))
      let trained = try transfer.network(
        kept: kept, published: network, classes: network.classCount)
      return NetworkSummary(
        trained,
        frozen: try transfer.frozenNodes(of: trained, keeping: Set(kept.nodes.map(\.name))))
    } catch {
      var error = error
      if let nodes = error.expected, case .through = transfer.freeze {
        error.expected = "none, conv, all-but-last, a number of layers, a node or a stage: " + nodes
      }
      throw error
    }
  }
}
