internal import CNNCore
internal import CNNKit
public import CNNSystem
public import CNNTraining
internal import CNNWeights

extension FineTuner {
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
}
