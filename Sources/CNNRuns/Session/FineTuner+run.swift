internal import CNNCore
internal import CNNKit
public import CNNSystem
public import CNNTraining
internal import CNNWeights
internal import SystemPackage

extension FineTuner {
  /// Trains in the folder of a run, or resumes the run that lies there: its newest checkpoint, and
  /// the settings, decide every bit of what follows.
  ///
  /// - Parameters:
  ///   - folder: where everything is written; it is created.
  ///   - run: what decides how the folder is used, and no result.
  ///   - report: receives what happens.
  ///   - shouldStop: asked after every step, and while features are computed; true saves a
  ///     checkpoint and returns. By default the cancellation of the calling task.
  /// - Throws: `mismatch` where the folder holds another run; `cannotWrite`, also where another
  ///   process trains there; errors of pictures; `notFinite` where the loss is no number.
  public func run(
    in folder: RunFolder, _ run: RunFolder.Options = RunFolder.Options(),
    report: @escaping (FineTuningEvent) -> Void = { _ in },
    shouldStop: () -> Bool = { Task.isCancelled }
  ) throws(CNNError) -> FineTuningResult {
    let start = ContinuousClock.now
    try settings.check(for: network, training, validation: validation)
    try checkBase(run.headOnlyBase)
    try checkWeights(in: folder)
    try folder.create()
    let lock = try RunLock(folder)
    try folder.sweep()
    let result = try stoppable { () throws(CNNError) in
      try locked(folder, run, since: start, shouldStop, report)
    }
    lock.release()
    return result
  }

  private func locked(
    _ folder: RunFolder, _ run: RunFolder.Options, since start: ContinuousClock.Instant,
    _ shouldStop: () -> Bool, _ report: @escaping (FineTuningEvent) -> Void
  ) throws(CNNError) -> FineTuningResult {
    func passOn(_ event: FineTuningEvent) throws(CNNError) {
      report(event)
      if shouldStop() { throw .stopped }
    }
    let earlier = try EarlierRun(in: folder, startsFresh: run.startsFresh)
    let (split, data) = try RunSplit(
      tuner: self, folder: folder, known: earlier.pictures, lists: earlier.lists(settings)
    ).settle(passOn)
    let manifest = RunManifest(
      command: run.command, settings: settings, base: network.base, data: data)
    if !run.startsFresh {
      try earlier.require(manifest)
      try begin(manifest, split, folder)
    }
    remarks.forEach(report)
    let loop = try loop(over: split, passOn)
    if run.startsFresh {
      // Not before the new run can begin: until then the earlier one is worth more.
      try folder.clear()
      try begin(manifest, split, folder)
    }
    let checkpoints = CheckpointFiles(
      folder: folder, network: network, settings: settings, contents: contents(run.headOnlyBase))
    let (store, standing) = try RunStore.open(
      checkpoints, manifest, loop, initial: loop.initialState(network.parameters),
      changes: changes, report: report)
    var session = TrainingSession(
      loop, from: standing.state, isSaved: standing.isSaved, records: standing.records,
      store: store, timeBudget: options.timeBudget, since: start, report: report)
    return try session.run(shouldStop)
  }

  /// Writes the record of the run, and the lists of its split. The record is first: it says whose the
  /// lists are, so that a later start knows which it may forget.
  private func begin(
    _ manifest: RunManifest, _ split: DataSplit, _ folder: RunFolder
  ) throws(CNNError) {
    try manifest.write(to: folder.manifest)
    if !manifest.data.hasGivenLists { try folder.writeLists(split) }
  }

  /// Refuses weights among the files of the run, which will be replaced.
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

  /// A file that holds only what was trained needs a whole one as its base.
  private func checkBase(_ base: FilePath?) throws(CNNError) {
    guard let base, let below = try self.base(of: base) else { return }
    throw CNNError(
      .usage, .mismatch, "what is trained alone can only stand on a whole weights file",
      subject: base.displayName, found: "a file that itself stands on \(below.file.printable)",
      remedy: CNNError.Remedy("Store the whole model", action: .storeWholeModel))
  }

  /// The base that a weights file needs itself, or nil.
  private func base(of file: FilePath) throws(CNNError) -> BaseWeights? {
    // Usually it is the file that the network was read from.
    guard file != network.weightsFile else { return network.weightsBase }
    return try ModelFile(WeightsFile.read(file))?.base
  }

  private func contents(_ base: FilePath?) -> ModelFile.Contents {
    guard let base else { return .whole }
    let all = Set(network.network.parameters.map(\.name))
    return .only(all.subtracting(network.unchangedParameters), base: base)
  }
}

extension FineTuner {
  /// Trains in the folder of a run, on a thread of its own: the calling task waits without holding a
  /// thread of Swift's cooperative pool. When the task is cancelled the training saves a checkpoint
  /// and ends; the result says so, and another call resumes it.
  ///
  /// - Parameters:
  ///   - folder: where everything is written; it is created.
  ///   - run: what decides how the folder is used, and no result.
  ///   - report: receives what happens, on the training's thread.
  /// - Throws: as the synchronous form.
  public func run(
    in folder: RunFolder, _ run: RunFolder.Options = RunFolder.Options(),
    report: @escaping @Sendable (FineTuningEvent) -> Void = { _ in }
  ) async throws(CNNError) -> FineTuningResult {
    try await Self.detached(ifCancelled: .stoppedBeforeTheFirstStep) { () throws(CNNError) in
      try self.run(in: folder, run, report: report, shouldStop: { Task.isCancelled })
    }
  }
}
