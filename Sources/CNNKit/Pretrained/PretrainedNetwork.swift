public import CNNCore
public import CNNImage
public import CNNSystem
public import CNNWeights
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A network with its parameters, what is done to a picture before the network sees it, and what its
/// outputs mean.
public struct PretrainedNetwork: Sendable {
  /// The catalogue's entry; nil where a model file holds a network of its own.
  public let model: CNNModel?
  /// The network, or the part of it up to the node that was asked for.
  public let network: Network
  /// Its parameters.
  public let parameters: Parameters
  /// What is done to pixels before the network sees them.
  public let preprocessing: Preprocessing
  /// What its outputs mean.
  public let labels: LabelSet
  /// The origin whose names the weights file uses; nil for random parameters.
  public let layout: WeightsLayout?
  /// The file, where it describes itself; nil for plain weights and random parameters.
  public let modelFile: ModelFile?
  /// How the weights file was understood where it could have meant something else, such as a prefix
  /// that is left out of its names: a sentence each, without a full stop.
  public let notes: [String]

  /// A network with the weights of a file, which stays mapped unless `options.reading` says otherwise.
  ///
  /// - Parameters:
  ///   - model: the network to fill; nil for what the file says of itself, see `ModelFile`.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`, told apart by content.
  ///   - options: what the file should not decide.
  ///   - lastNode: the last node that is needed; what only later ones need may be absent from the
  ///     file. Nil for the whole network.
  /// - Throws: a `weights` error; where the arrays fit another model of the catalogue, it names it.
  ///   `modelNeeded` where neither the caller nor the file names a network.
  public init(
    model: CNNModel? = nil, weights: FilePath, options: LoadingOptions = LoadingOptions(),
    upTo lastNode: String? = nil
  ) throws(CNNError) {
    let arrays = try WeightsFile.read(weights, options: options.reading)
    try self.init(model: model, arrays: arrays, options: options, upTo: lastNode)
  }

  /// The same with arrays that have been read, for example from memory:
  ///
  ///     let arrays = try WeightsFile.read(bytes)
  ///     let network = try PretrainedNetwork(model: .resNet18, arrays: arrays)
  ///
  /// - Throws: as with a file, except for errors of the file itself.
  public init(
    model: CNNModel? = nil, arrays: NamedArrays, options: LoadingOptions = LoadingOptions(),
    upTo lastNode: String? = nil
  ) throws(CNNError) {
    if let file = try ModelFile(arrays) {
      let parts = try file.parts(as: model, options: options, upTo: lastNode)
      self.init(
        model: model ?? file.description.model.flatMap { try? CNNModel(named: $0) },
        network: parts.network, parameters: parts.parameters, preprocessing: parts.preprocessing,
        labels: parts.labels, layout: .native, modelFile: file)
      return
    }
    guard let model else { throw CNNError.modelNeeded(for: arrays) }
    do {
      try self.init(filling: model, arrays: arrays, options: options, upTo: lastNode)
    } catch {
      let explanation = MismatchExplanation(arrays: arrays, model: model, options: options)
      // A mismatch in other domains, such as that of labels, is not about the arrays.
      let isAboutArrays = error.code == .mismatch && error.domain == .weights
      throw isAboutArrays ? explanation.applied(to: error) : error
    }
  }

  private init(
    filling model: CNNModel, arrays: NamedArrays, options: LoadingOptions, upTo lastNode: String?
  ) throws(CNNError) {
    let published = try model.network()
    let (arrays, layout) = try arrays.matched(to: published, layout: options.layout)
    let preprocessing = try Self.preprocessing(model, layout, arrays, options)
    var network = model.defaults
    network.classes =
      options.classes ?? layout.classCount(in: arrays, for: published) ?? model.defaults.classes
    network.inputChannels = preprocessing.inputChannels
    network.inputSize = preprocessing.inputSize
    if layout == .torchvision || layout == .timm {
      network.adaptivePooling = model.adaptivePooling(for: network.inputSize)
    }
    let whole = try model.network(network)
    let last = try lastNode.map { (name) throws(CNNError) in try whole.resolve(layer: name).name }
    let bound = try BoundWeights(
      arrays, to: whole, lastNode: last, layout: layout, allowsNonFinite: options.allowsNonFinite)
    try bound.network.requireMemory(parametersAreMapped: true)
    self.init(
      model: model, network: bound.network, parameters: bound.parameters,
      preprocessing: preprocessing,
      labels: try Self.labels(model, count: network.classes, options), layout: layout,
      notes: bound.notes)
  }

  /// A model with random parameters, for trying and timing.
  ///
  /// - Parameters:
  ///   - model: the network to fill.
  ///   - seed: the same seed gives the same numbers on every machine.
  ///   - options: classes, input size and the rest; `layout` decides the preprocessing.
  ///   - lastNode: the last node that is needed; nil for the whole network.
  /// - Throws: `invalidShape` where the input size does not fit, `tooLarge` where the memory does
  ///   not suffice.
  public init(
    randomFor model: CNNModel, seed: UInt64, options: LoadingOptions = LoadingOptions(),
    upTo lastNode: String? = nil
  ) throws(CNNError) {
    var preprocessing = options.preprocessing ?? model.preprocessing(for: options.layout ?? .native)
    if let size = options.inputSize { preprocessing = try preprocessing.forInput(size: size) }
    var settings = model.defaults
    settings.classes = options.classes ?? model.defaults.classes
    settings.inputChannels = preprocessing.inputChannels
    settings.inputSize = preprocessing.inputSize
    let whole = try model.network(settings)
    let network = try lastNode.map { (name) throws(CNNError) in
      whole.truncated(after: try whole.resolve(layer: name).name)
    }.or { whole }
    try network.requireMemory(parametersAreMapped: false)
    self.init(
      model: model, network: network, parameters: .random(for: network, seed: seed),
      preprocessing: preprocessing,
      labels: try Self.labels(model, count: settings.classes, options), layout: nil)
  }

  package init(
    model: CNNModel?, network: Network, parameters: Parameters, preprocessing: Preprocessing,
    labels: LabelSet, layout: WeightsLayout?, modelFile: ModelFile? = nil, notes: [String] = []
  ) {
    self.model = model
    self.modelFile = modelFile
    self.network = network
    self.parameters = parameters
    self.preprocessing = preprocessing
    self.labels = labels
    self.layout = layout
    self.notes = notes
  }

  private static func preprocessing(
    _ model: CNNModel, _ layout: WeightsLayout, _ arrays: NamedArrays, _ options: LoadingOptions
  ) throws(CNNError) -> Preprocessing {
    let fileName = arrays.path?.lastComponent?.string
    let chosen =
      options.preprocessing
      ?? model.publishedWeights.first { $0.fileName == fileName }?.preprocessing
      ?? model.preprocessing(for: layout)
    guard let size = options.inputSize else { return chosen }
    return try chosen.forInput(size: size)
  }

  private static func labels(
    _ model: CNNModel, count: Int, _ options: LoadingOptions
  ) throws(CNNError) -> LabelSet {
    let usual = model.labels.count == count ? model.labels : LabelSet(unnamed: count)
    return try options.labels(count: count, usual: usual)
  }
}

extension PretrainedNetwork {
  /// A network from parts, such as one that a program has described itself.
  ///
  /// - Parameters:
  ///   - network: the whole network, from the picture to the probabilities of the classes.
  ///   - parameters: all that the network needs.
  ///   - preprocessing: what is done to pixels before the network sees them.
  ///   - labels: what its outputs mean, one for each.
  /// - Throws: `mismatch` where the preprocessing does not make what the network takes, or where
  ///   there are not as many labels as outputs; `unsupported` where the network does not end in a
  ///   softmax.
  public init(
    network: Network, parameters: Parameters, preprocessing: Preprocessing, labels: LabelSet
  ) throws(CNNError) {
    let description = ModelDescription(
      unchecked: network, labels: labels, preprocessing: preprocessing)
    if var contradiction = description.contradiction {
      contradiction.domain = .usage
      throw contradiction
    }
    self.init(
      model: nil, network: network, parameters: parameters, preprocessing: preprocessing,
      labels: labels, layout: nil)
  }

  /// The same as from a path, with the weights of a file URL.
  public init(
    model: CNNModel? = nil, weights: URL, options: LoadingOptions = LoadingOptions(),
    upTo lastNode: String? = nil
  ) throws(CNNError) {
    try self.init(
      model: model, weights: FilePath(fileURL: weights), options: options, upTo: lastNode)
  }
}
