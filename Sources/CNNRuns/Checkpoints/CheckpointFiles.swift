internal import CNNPlatform
internal import CNNCore
internal import CNNKit
internal import CNNSystem
internal import CNNTraining
internal import SystemPackage

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The checkpoints of a run: model files that can be used at once, the newest with everything that
/// is needed to resume the run.
///
/// Nothing in them depends on the clock or on how often the run was stopped, so a run that was
/// stopped ends with the same bytes as one that was not.
struct CheckpointFiles: Sendable {
  let folder: RunFolder
  let network: TransferredNetwork
  let settings: FineTuningSettings
  /// What the files hold of the parameters.
  let contents: ModelFile.Contents

  private static let stateKey = "run.state"

  /// Writes the newest checkpoint; the one before it stays as `previous`.
  ///
  /// - Throws: `cannotWrite`; then `last` stays as it was, and `previous` may be another name of it,
  ///   because three checkpoints at a time would fill a disk sooner.
  func saveLast(_ state: TrainingState) throws(CNNError) {
    let moments = network.network.parameters.flatMap { parameter in
      (state.optimizer.moments[parameter.name] ?? []).enumerated().map { index, tensor in
        (name: Self.momentName(parameter.name, index), tensor: tensor)
      }
    }
    // The new file must be whole before it replaces the old one, so the old one gets a second name
    // first.
    try keepAsPrevious()
    try write(
      state, to: folder.last, extraTensors: moments,
      extraMetadata: [Self.stateKey: CanonicalJSON.text(state.progress)])
  }

  /// Writes the model alone. Throws `cannotWrite`.
  func saveBest(_ state: TrainingState) throws(CNNError) {
    try write(state, to: folder.best)
  }

  /// The newest state that can be read, and a warning where it is not the last one; nil where there is
  /// none.
  ///
  /// A newest checkpoint that cannot be read is removed where the one before it can be read: otherwise
  /// it would replace that one when the next is written.
  ///
  /// - Parameter initial: a state of this run; its weights and moments are replaced.
  /// - Throws: where there are checkpoints and none can be read.
  func newestState(
    replacing initial: TrainingState
  ) throws(CNNError) -> (state: TrainingState, warning: String?)? {
    var failures: [CNNError] = []
    for path in folder.checkpoints {
      let state: TrainingState
      do throws(CNNError) {
        state = try read(path, replacing: initial)
      } catch {
        failures.append(error)
        continue
      }
      guard let failure = failures.first else { return (state, nil) }
      try Folder.remove(folder.last)
      return (state, "\(failure); the checkpoint before it is used")
    }
    guard var failure = failures.first else { return nil }
    failure.remedy = CNNError.Remedy("Start the run anew", action: .startFresh)
    throw failure
  }

  /// Throws where the model of the best epoch, to which the checkpoint refers, is gone.
  func requireBest() throws(CNNError) {
    guard !Folder.isFile(folder.best) else { return }
    throw CNNError(
      .weights, .notFound, "the model of the run's best epoch is gone",
      subject: folder.best.displayName,
      remedy: CNNError.Remedy("Put it back, or start the run anew", action: .startFresh))
  }

  /// The parameters of the best epoch. Throws where they cannot be read.
  func bestParameters(
    replacing parameters: TrainingParameters
  ) throws(CNNError) -> TrainingParameters {
    try replaced(parameters, by: try ModelFile(contentsOf: folder.best))
  }

  private func write(
    _ state: TrainingState, to path: FilePath,
    extraTensors: [(name: String, tensor: Tensor)] = [], extraMetadata: [String: String] = [:]
  ) throws(CNNError) {
    let own = Set(state.parameters.descriptions.map(\.name))
    try ModelFile.write(
      description(state.progress), to: path, contents, extraTensors: extraTensors,
      extraMetadata: extraMetadata
    ) { name in
      own.contains(name) ? state.parameters[name] : network.parameters[name]
    }
  }

  private func description(_ progress: TrainingProgress) -> ModelDescription {
    var metrics: [String: Double] = ["epoch": Double(progress.epoch)]
    if let best = progress.best {
      metrics["best_epoch"] = Double(best.epoch)
      metrics["best_validation_accuracy"] = best.validationAccuracy
      metrics["best_validation_loss"] = best.validationLoss
    }
    return ModelDescription(
      network: network.network, labels: network.labels, preprocessing: network.preprocessing,
      model: network.base.model,
      origin: [
        "base_fingerprint": network.base.fingerprint,
        "freeze": "\(settings.transfer.freeze)",
      ], metrics: metrics)
  }

  private func keepAsPrevious() throws(CNNError) {
    guard Folder.isFile(folder.last) else { return }
    let temporary = folder.path.appending(AtomicFile.temporaryName)
    let status = folder.last.withPlatformString { from in
      temporary.withPlatformString { to in link(from, to) }
    }
    // A file system without hard links keeps one checkpoint.
    guard status == 0 else { return }
    let isRenamed = temporary.withPlatformString { from in
      folder.previous.withPlatformString { to in rename(from, to) }
    }
    guard isRenamed == 0 else { throw WriteTarget.failure(Errno(rawValue: errno), folder.previous) }
    // Where both names already meant one file, renaming leaves both.
    try Folder.remove(temporary)
  }

  private func read(
    _ path: FilePath, replacing initial: TrainingState
  ) throws(CNNError) -> TrainingState {
    let file = try ModelFile(contentsOf: path)
    guard
      let text = file.extraMetadata[Self.stateKey],
      let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8)),
      file.description.network == network.network
    else {
      throw CNNError(
        .weights, .mismatch, "this is no checkpoint of the run", subject: path.displayName)
    }
    var optimizer = OptimizerState(steps: progress.step, moments: initial.optimizer.moments)
    for (name, tensors) in initial.optimizer.moments {
      optimizer.moments[name] = try moments(name, like: tensors, in: file)
    }
    return TrainingState(
      progress: progress, parameters: try replaced(initial.parameters, by: file),
      optimizer: optimizer)
  }

  private func moments(
    _ name: String, like tensors: [Tensor], in file: ModelFile
  ) throws(CNNError) -> [Tensor] {
    var moments: [Tensor] = []
    for (index, tensor) in tensors.enumerated() {
      let name = Self.momentName(name, index)
      guard let moment = try file.extraTensor(name), moment.shape == tensor.shape else {
        throw CNNError(
          .weights, .mismatch, "the optimiser's state does not fit the run",
          subject: file.arrays.path?.displayName, at: .tensor(name))
      }
      moments.append(moment)
    }
    return moments
  }

  private func replaced(
    _ parameters: TrainingParameters, by file: ModelFile
  ) throws(CNNError) -> TrainingParameters {
    var parameters = parameters
    let stored = try file.parameters()
    for description in parameters.descriptions {
      parameters.replace(description.name, with: stored[description.name])
    }
    return parameters
  }

  private static func momentName(_ parameter: String, _ index: Int) -> String {
    "\(ModelFile.extraPrefix)moment\(index + 1).\(parameter)"
  }
}
