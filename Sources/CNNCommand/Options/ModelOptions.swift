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

/// The flags that say which network, and in which form; the same for every verb.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network; `cnn models` lists all. A file that training has written names its own.",
      valueName: "name"),
    completion: .list(CNNModel.allCases.map(\.name)))
  var model: String?

  @Option(help: ArgumentHelp("Number of classes.", valueName: "count"))
  var classes: Int?

  @Option(
    help: ArgumentHelp("Input size of the network, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  func validate() throws {
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be between 1 and 1000000")
    }
  }

  /// The catalogue's entry; nil where none is named.
  func entry() throws(CNNError) -> CNNModel? {
    try model.map { (name) throws(CNNError) in try CNNModel(named: name) }
  }
}

extension Extent: ExpressibleByArgument {
  /// Larger sides have no use, and products of these cannot overflow.
  private static let largestSide = 8192

  /// `224`, or `240x320` with the height first.
  public init?(argument: String) {
    let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Int($0) }.filter { (1...Self.largestSide).contains($0) }
    guard sizes.count == parts.count, (1...2).contains(parts.count) else { return nil }
    self.init(height: sizes[0], width: sizes[sizes.count - 1])
  }
}

extension Preprocessing {
  /// The preset of that name, or what the JSON file of that name says.
  ///
  /// - Throws: `unknown` where it is neither; a `data` error for a file that cannot be used.
  init(presetOrFile text: String) throws(CNNError) {
    if text.hasSuffix(".json"), !Self.presets.contains(where: { $0.key == text }) {
      try self.init(contentsOf: FilePath(bytes: RawArguments.decode(text)))
    } else {
      self = try .preset(named: text)
    }
  }
}
