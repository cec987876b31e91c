internal import CNNCore
public import CNNKit
public import CNNSystem
internal import CNNWeights
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension TransferredNetwork {
  /// A network from the weights file at a URL; see the initialiser that takes a path.
  ///
  /// - Throws: as for a path; `unsupported` for URLs that are no file's.
  public init(
    model: CNNModel? = nil, weights url: URL, options: LoadingOptions = LoadingOptions(),
    transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) {
    try self.init(
      model: model, weights: try FilePath(fileURL: url), options: options, transfer: transfer,
      classNames: classNames, seed: seed)
  }

  /// A network from a weights file; layers that are not kept may be absent from the file.
  ///
  /// Where the file is a model file of the same classes, in the same order, the last layer is kept
  /// too, and is trained further.
  ///
  /// - Parameters:
  ///   - model: the network of the weights; nil for a model file, which says it itself.
  ///   - weights: any file that `PretrainedNetwork` reads.
  ///   - options: what the file should not decide; its classes and labels are not used.
  ///   - transfer: what is kept and what is trained.
  ///   - classNames: the classes of the data set.
  ///   - seed: of the new layers' weights.
  /// - Throws: a `weights` error; `usage` where the choice does not fit the network.
  public init(
    model: CNNModel?, weights: FilePath, options: LoadingOptions = LoadingOptions(),
    transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) {
    let arrays = try WeightsFile.read(weights, options: options.reading)
    let file = try ModelFile(arrays)
    var transfer = transfer
    if let file, transfer.head == nil,
      file.description.labels.labels.map(\.name) == classNames
    {
      transfer.keepsLastLayer = true
    }
    let published = try (file?.description.network).or { () throws(CNNError) in
      try Self.published(model, options, arrays)
    }
    var options = options
    options.classes = nil
    options.labels = nil
    let kept = try PretrainedNetwork(
      model: model, arrays: arrays, options: options,
      upTo: try transfer.lastKeptNode(of: published))
    try self.init(
      keeping: kept, of: published, transfer: transfer, weights: weights.displayName,
      weightsFile: weights, classNames: classNames, seed: seed)
  }

  /// A network whose every weight is random: for trying, and for training from scratch.
  ///
  /// - Parameter weightsSeed: of the weights that would have been pretrained.
  /// - Throws: `usage` where the choice does not fit the network.
  public init(
    randomFor model: CNNModel, weightsSeed: UInt64, options: LoadingOptions = LoadingOptions(),
    transfer: Transfer, classNames: [String], seed: UInt64
  ) throws(CNNError) {
    let published = try Self.network(of: model, options)
    var options = options
    options.classes = nil
    options.labels = nil
    let kept = try PretrainedNetwork(
      randomFor: model, seed: weightsSeed, options: options,
      upTo: try transfer.lastKeptNode(of: published))
    try self.init(
      keeping: kept, of: published, transfer: transfer,
      weights: "random weights, seed \(weightsSeed)", classNames: classNames, seed: seed)
  }

  private static func published(
    _ model: CNNModel?, _ options: LoadingOptions, _ arrays: NamedArrays
  ) throws(CNNError) -> Network {
    guard let model else {
      // Throws the same error as everywhere for plain weights without the name of their network.
      return try PretrainedNetwork(arrays: arrays, options: options).network
    }
    return try network(of: model, options)
  }

  /// The layers of a model of the catalogue, at the size that the options ask for.
  private static func network(
    of model: CNNModel, _ options: LoadingOptions
  ) throws(CNNError) -> Network {
    var settings = model.defaults
    if let size = options.inputSize { settings.inputSize = size }
    return try model.network(settings)
  }
}
