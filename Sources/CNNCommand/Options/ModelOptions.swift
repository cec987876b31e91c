import ArgumentParser
import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNWeights
import SystemPackage

/// The flags that say which network is run and with which weights.
struct ModelOptions: ParsableArguments {
  static let weightsExtensions = ["npz", "npy", "safetensors", "pth", "pt", "th"]

  @OptionGroup var network: NetworkArguments

  @Option(
    help: ArgumentHelp(
      "The weights: .npz, .npy, .safetensors or .pth. Without it, the usual file names are looked "
        + "for in $CNN_WEIGHTS and in ./Weights.", valueName: "file"),
    completion: .file(extensions: Self.weightsExtensions))
  var weights: PathArgument?

  @Option(
    help: ArgumentHelp(
      "The weights below a file that holds only what was trained, if not where it says.",
      valueName: "file"),
    completion: .file(extensions: Self.weightsExtensions))
  var base: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Random weights instead of a file, for trying and timing; predictions mean nothing.",
      valueName: "seed"))
  var randomWeights: UInt64?

  @Option(
    help: ArgumentHelp(
      "Force the origin whose names the file uses.", valueName: "layout"),
    completion: .list(WeightsLayout.allCases.map(\.rawValue)))
  var weightsLayout: WeightsLayout?

  @Option(
    help: ArgumentHelp("Class names: a text file, one a line, in index order.", valueName: "file"),
    completion: .file())
  var labels: PathArgument?

  @Option(
    help: ArgumentHelp(
      "What is done to pixels, if not what the weights were trained with: "
        + Preprocessing.presets.map(\.key).joined(separator: ", ") + ", or a JSON file.",
      valueName: "name"), completion: .list(Preprocessing.presets.map(\.key)))
  var preprocessing: String?

  @Flag(help: "Accept weights that are NaN or infinite.")
  var allowNonfinite = false

  @Option(
    help: ArgumentHelp("Worker threads; one for each processor if not given.", valueName: "count"))
  var threads: Int?

  func validate() throws {
    try ThreadCount.check(threads)
    if weights != nil, randomWeights != nil {
      throw ValidationError("--weights and --random-weights exclude each other")
    }
    if network.model == nil, weights == nil {
      throw ValidationError(
        "Name the network with --model, or with --weights a file that training has written")
    }
  }

  /// What was said about the weights.
  func loadingOptions() throws(CNNError) -> LoadingOptions {
    var options = LoadingOptions()
    options.layout = weightsLayout
    options.classes = network.classes
    options.inputSize = network.input
    options.labels = try labels.map { (argument) throws(CNNError) in
      try LabelSet(contentsOf: argument.path)
    }
    options.preprocessing = try preprocessing.map { (name) throws(CNNError) in
      try Preprocessing(presetOrFile: name)
    }
    options.allowsNonFinite = allowNonfinite
    options.base = base?.path
    return options
  }

  /// The weights file: the one that was named, or the usual one of the model.
  ///
  /// Precondition: the arguments were validated.
  func path() throws(CNNError) -> FilePath {
    try (weights?.path).or { () throws(CNNError) in
      guard let model = try network.entry() else { preconditionFailure("validated") }
      return try WeightsFolder.find(model)
    }
  }

  /// The network with its parameters, cut after `lastNode` if one is named.
  func load(lastNode: String? = nil) throws(CNNError) -> PretrainedNetwork {
    let options = try loadingOptions()
    let model = try network.entry()
    if let seed = randomWeights, let model {
      Diagnostics.warn("the weights are random (seed \(seed)): predictions mean nothing")
      return try PretrainedNetwork(randomFor: model, seed: seed, options: options, upTo: lastNode)
    }
    let path = try path()
    return try PretrainedNetwork(model: model, weights: path, options: options, upTo: lastNode)
  }
}

extension WeightsLayout: ExpressibleByArgument {}
