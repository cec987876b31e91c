import ArgumentParser
import CNNCore
import CNNImage
import CNNKit
import CNNSystem
import CNNWeights
import SystemPackage

/// The flags that name a network and the size of its input; the same for every verb.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The network; `cnn models` lists all. A model file that training wrote needs no --model.",
      valueName: "name"),
    completion: .list(CNNModel.allCases.map(\.name)))
  var model: String?

  @Option(
    help: ArgumentHelp("Input size of the network, such as 224 or 240x320.", valueName: "HxW"))
  var input: Extent?

  /// The catalogue's entry; nil where none is named.
  func entry() throws(CNNError) -> CNNModel? {
    try model.map { (name) throws(CNNError) in try CNNModel(named: name) }
  }
}

/// The flag that changes the number of a network's outputs.
struct ClassCountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Number of classes, if not what the weights have.", valueName: "count"))
  var classes: Int?

  func validate() throws {
    if let classes, !(1...1_000_000).contains(classes) {
      throw ValidationError("--classes must be between 1 and 1000000")
    }
  }
}

/// The flags that choose a network, its weights, its labels and its preprocessing.
struct ModelOptions: ParsableArguments {
  static let weightsExtensions = ["npz", "npy", "safetensors", "pth", "pt", "th"]

  @OptionGroup var network: NetworkArguments

  @Option(
    help: ArgumentHelp(
      "The weights: .npz, .npy, .safetensors or .pth. Without it, files with the usual names are "
        + "searched in $CNN_WEIGHTS and ./Weights.", valueName: "file"),
    completion: .file(extensions: Self.weightsExtensions))
  var weights: PathArgument?

  @Option(
    help: ArgumentHelp(
      "For a model file with only the trained layers: the weights of the others, if not where the "
        + "file says.",
      valueName: "file"),
    completion: .file(extensions: Self.weightsExtensions))
  var base: PathArgument?

  @Option(
    help: ArgumentHelp(
      "Random weights instead of a file, to try or time a network; predictions mean nothing.",
      valueName: "seed"))
  var randomWeights: UInt64?

  @Option(
    help: ArgumentHelp(
      "The origin whose names the weights file uses, if it is not recognised.",
      valueName: "layout"),
    completion: .list(WeightsLayout.allCases.map(\.rawValue)))
  var weightsLayout: WeightsLayout?

  @OptionGroup var weightsEntry: WeightsEntryOption

  @Option(
    help: ArgumentHelp(
      "Class names in index order: a text file with one a line, CSV with a header, or JSON such as "
        + "Keras's imagenet_class_index.json.", valueName: "file"),
    completion: .file())
  var labels: PathArgument?

  @Option(
    help: ArgumentHelp(
      "How pixels become the input, if not as the weights were trained: "
        + Preprocessing.presets.map(\.key).joined(separator: ", ") + ", or a JSON file.",
      valueName: "name"), completion: .list(Preprocessing.presets.map(\.key)))
  var preprocessing: String?

  @Flag(help: "Accept weights that are NaN or infinite.")
  var allowNonfinite = false

  @OptionGroup var threading: ThreadOptions

  /// The number of worker threads; nil where `--threads` is not given.
  var threads: Int? { threading.threads }

  func validate() throws {
    if weights != nil, randomWeights != nil {
      throw ValidationError("--weights and --random-weights exclude each other")
    }
    if network.model == nil, weights == nil {
      throw ValidationError(
        "Name the network with --model, or a model file that training wrote with --weights")
    }
  }

  /// The choices as the library takes them.
  func loadingOptions(classes: Int? = nil) throws(CNNError) -> LoadingOptions {
    var options = LoadingOptions()
    options.layout = weightsLayout
    options.reading.entry = weightsEntry.name
    options.classes = classes
    options.inputSize = network.input
    options.labels = try labels.map { (argument) throws(CNNError) in
      try LabelSet(contentsOf: argument.path)
    }
    options.labelsFile = labels?.path
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

  /// The network with its parameters, up to `lastNode` if one is named.
  func load(classes: Int?, lastNode: String? = nil) throws(CNNError) -> PretrainedNetwork {
    let options = try loadingOptions(classes: classes)
    let pretrained = try load(options, lastNode: lastNode)
    if let labels = options.labels, labels.count == pretrained.labels.count + 1 {
      Diagnostics.note(
        "the first of the \(labels.count) labels, \"\(labels[0].name)\", is left out: the network "
          + "has \(pretrained.labels.count) outputs")
    }
    return pretrained
  }

  private func load(
    _ options: LoadingOptions, lastNode: String?
  ) throws(CNNError) -> PretrainedNetwork {
    let model = try network.entry()
    if let seed = randomWeights, let model {
      Diagnostics.warn("the weights are random (seed \(seed)): predictions mean nothing")
      return try PretrainedNetwork(randomFor: model, seed: seed, options: options, upTo: lastNode)
    }
    let path = try path()
    let pretrained = try PretrainedNetwork(
      model: model, weights: path, options: options, upTo: lastNode)
    for note in pretrained.notes { Diagnostics.note("\(path.displayName): \(note)") }
    return pretrained
  }
}

/// The flag that chooses among several sets of weights in one file.
struct WeightsEntryOption: ParsableArguments {
  @Option(
    name: .customLong("weights-entry"),
    help: ArgumentHelp(
      "The set of weights to read where the file holds several: a key such as model_ema, or what "
        + "stands before the names of its arrays.", valueName: "name"))
  var name: String?
}

extension WeightsLayout: ExpressibleByArgument {}

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
  /// The preset of that name, or the contents of a JSON file.
  ///
  /// - Throws: `unknown` where it is neither; a `data` error for a file that cannot be used.
  fileprivate init(presetOrFile text: String) throws(CNNError) {
    if text.hasSuffix(".json"), !Self.presets.contains(where: { $0.key == text }) {
      try self.init(contentsOf: FilePath(bytes: RawArguments.decode(text)))
    } else {
      self = try .preset(named: text)
    }
  }
}
