internal import CNNCore
internal import CNNImage
public import CNNKit
public import CNNSystem
internal import CNNWeights
internal import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Fine-tunes a pretrained network on pictures of other classes.
///
///     let tuner = try FineTuner(
///       model: .resNet18, weights: url, source: try DataSource(at: "data"), settings: settings)
///     let result = try tuner.run(in: RunFolder("runs/pets")) { event in print(event) }
///
/// The outputs of frozen layers are computed once and cached. A run lives in a folder and goes on
/// there by itself: its checkpoints, and the settings, decide every bit of what follows.
public struct FineTuner: Sendable {
  /// The network at its start.
  public let network: TransferredNetwork
  /// The pictures.
  public let source: DataSource
  /// What decides the result.
  public let settings: FineTuningSettings
  /// What does not.
  public let options: FineTuningOptions

  /// A fine-tuning from its parts. Precondition: the network has the classes of the source.
  public init(
    network: TransferredNetwork, source: DataSource, settings: FineTuningSettings,
    options: FineTuningOptions = FineTuningOptions()
  ) {
    precondition(
      network.labels.labels.map(\.name) == source.training.classNames,
      "the network's classes are not the pictures'")
    self.network = network
    self.source = source
    self.settings = settings
    self.options = options
  }

  /// A fine-tuning of the network in a weights file, as `settings.transfer` says.
  ///
  /// - Parameters:
  ///   - model: for example `.resNet18`; nil for a file that training has written.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`; it is mapped, and must not change while
  ///     the tuner lives.
  ///   - source: the pictures.
  ///   - settings: what decides the result.
  ///   - loading: what the weights file should not decide, such as the size of the input.
  ///   - options: what does not decide the result.
  /// - Throws: a `weights` error; `usage` where `settings.transfer` does not fit the network.
  public init(
    model: CNNModel? = nil, weights: URL, source: DataSource,
    settings: FineTuningSettings = FineTuningSettings(),
    loading: LoadingOptions = LoadingOptions(), options: FineTuningOptions = FineTuningOptions()
  ) throws(CNNError) {
    let network = try TransferredNetwork(
      model: model, weights: try FilePath(fileURL: weights), options: loading,
      transfer: settings.transfer, classNames: source.training.classNames, seed: settings.seed)
    self.init(network: network, source: source, settings: settings, options: options)
  }

  private var threads: Int { options.threads ?? Workers.defaultCount }

  /// Trains, or goes on with, the run of a folder.
  ///
  /// - Parameters:
  ///   - folder: where everything is written; it is created.
  ///   - report: hears what happens.
  ///   - shouldStop: asked after every step, and while features are computed; true saves a
  ///     checkpoint and returns.
  /// - Throws: `mismatch` where the folder holds another run; `cannotWrite`, also where another
  ///   process trains there; errors of pictures; `notFinite` where the loss is no number.
  public func run(
    in folder: RunFolder, report: @escaping (FineTuningEvent) -> Void = { _ in },
    shouldStop: () -> Bool = { false }
  ) throws(CNNError) -> FineTuningResult {
    let start = ContinuousClock.now
    try settings.check(for: network, source.training)
    try checkBase()
    try checkWeights(in: folder)
    try folder.create()
    let lock = try RunLock(folder)
    try folder.sweep()
    do throws(CNNError) {
      let result = try locked(folder, since: start, shouldStop, report)
      lock.release()
      return result
    } catch {
      guard error.code == .stopped else { throw error.asData }
      return FineTuningResult(
        outcome: .stopped, steps: 0, bestEpoch: nil, validation: nil, seconds: 0)
    }
  }

  private func locked(
    _ folder: RunFolder, since start: ContinuousClock.Instant, _ shouldStop: () -> Bool,
    _ report: @escaping (FineTuningEvent) -> Void
  ) throws(CNNError) -> FineTuningResult {
    func passOn(_ event: FineTuningEvent) throws(CNNError) {
      report(event)
      if shouldStop() { throw .stopped }
    }
    let checkpoints = CheckpointFiles(
      folder: folder, network: network, settings: settings, contents: contents)
    let isFresh = options.startsFresh
    let earlier = try EarlierRun(in: folder, startsFresh: isFresh)
    let pictures = RunPictures(
      source: source, settings: settings, skipsBad: options.skipsBad, threads: threads)
    let (split, data) = try pictures.settle(
      in: folder, known: earlier.pictures, lists: earlier.lists(settings), passOn)
    let manifest = RunManifest(
      command: options.command, settings: settings, base: network.base, data: data)
    if !isFresh {
      try earlier.require(manifest)
      try begin(manifest, split, folder)
    }
    remarks.forEach(report)
    let inputs = try RunInputs(
      network: network, split: split, settings: settings, options: options, threads: threads
    ).prepare(passOn)
    if isFresh {
      // Not before the new run can begin: until then the earlier one is worth more.
      try folder.clear()
      try begin(manifest, split, folder)
    }
    let loop = try TrainingLoop(
      network, data: split, settings: settings, training: inputs.training,
      validation: inputs.validation, threads: threads)
    var session = try TrainingSession(
      folder: folder, manifest: manifest, loop: loop, checkpoints: checkpoints,
      initial: loop.initialState(network.parameters), options: options, since: start,
      report: report)
    return try session.run(shouldStop)
  }

  /// Writes down what the run is: first whose the lists are, so that a later start knows which it
  /// may forget.
  private func begin(
    _ manifest: RunManifest, _ split: DataSplit, _ folder: RunFolder
  ) throws(CNNError) {
    try manifest.write(to: folder.manifest)
    if !manifest.data.hasGivenLists { try folder.writeLists(split) }
  }

  /// The run's own files will be replaced: what it begins with must not be one of them.
  private func checkWeights(in folder: RunFolder) throws(CNNError) {
    guard let weights = network.weightsFile,
      folder.models.contains(where: { Folder.isSameFile($0, weights) })
    else { return }
    throw CNNError(
      .usage, .mismatch, "the weights lie in the folder of the run, which would replace them",
      subject: weights.displayName,
      remedy: CNNError.Remedy(
        "Name another run folder, or another name for the model", action: .nameAnotherModelFile))
  }

  /// A file that holds only what was trained needs a whole one below it.
  private func checkBase() throws(CNNError) {
    guard let base = options.headOnlyBase, let file = try ModelFile(WeightsFile.read(base)),
      let below = file.base
    else { return }
    throw CNNError(
      .usage, .mismatch, "what is trained alone can only stand on a whole weights file",
      subject: base.displayName, found: "a file that itself stands on \(below.file.printable)",
      remedy: CNNError.Remedy("Store the whole model", action: .storeWholeModel))
  }

  private var contents: ModelFile.Contents {
    guard let base = options.headOnlyBase else { return .whole }
    let all = Set(network.network.parameters.map(\.name))
    return .only(all.subtracting(network.unchangedParameters), base: base)
  }

  /// What a user may not expect of these weights.
  private var remarks: [FineTuningEvent] {
    var remarks: [FineTuningEvent] = []
    if network.keepsAllWeights {
      remarks.append(
        .note("the weights have these classes already: no layer is new, their training goes on"))
    }
    if settings.normStatistics == .batch,
      network.network.hasFoldedStatistics(in: network.parameters, frozen: network.frozen)
    {
      remarks.append(.warning(Self.foldedStatistics))
    }
    return remarks
  }

  private static let foldedStatistics =
    "the weights' batch normalisations hold mean 0 and variance 1: their statistics were folded in, "
    + "and those of a batch will undo what they have learned; --batch-norm running keeps it"
}

extension CNNError {
  /// A picture that cannot be read while a run needs it is an error of its data.
  fileprivate var asData: CNNError {
    var copy = self
    if domain == .picture { copy.domain = .data }
    return copy
  }

  /// How a request to stop finds its way out.
  static let stopped = CNNError(.usage, .stopped, "the run was asked to stop")
}

extension CNNError.Code {
  /// The caller asked to stop.
  static let stopped = CNNError.Code(rawValue: "stopped")
}
