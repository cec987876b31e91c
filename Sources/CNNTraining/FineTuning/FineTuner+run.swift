internal import CNNCore
public import CNNKit
public import CNNSystem
internal import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// What a fine-tuning in memory has made.
public struct FineTunedNetwork: Sendable {
  /// How the training ended.
  public let result: FineTuningResult
  /// A record of every step and every epoch, in their order.
  public let records: [LogRecord]
  /// The network with the parameters of the epoch with the best validation; nil where the training
  /// was stopped before the first one was done.
  public let best: PretrainedNetwork?

  /// Writes the best network as a model file, which needs nothing else to be used.
  ///
  /// - Throws: `cannotWrite`; `usage` where there is no best network, or the URL is no file's.
  public func write(to url: URL) throws(CNNError) {
    guard let best else {
      throw CNNError(.usage, .notFound, "the training was stopped before it had a model")
    }
    var metrics: [String: Double] = [:]
    if let epoch = result.bestEpoch { metrics["best_epoch"] = Double(epoch) }
    if let validation = result.validation {
      metrics["best_validation_accuracy"] = validation.accuracy
      metrics["best_validation_loss"] = validation.logLoss
    }
    let description = ModelDescription(
      network: best.network, labels: best.labels, preprocessing: best.preprocessing,
      model: best.model?.name, metrics: metrics)
    try ModelFile.write(description, to: try FilePath(fileURL: url)) { best.parameters[$0] }
  }
}

extension FineTuner {
  /// Trains in memory. Nothing is written but to the cache of features, where the options name one.
  ///
  /// - Parameters:
  ///   - report: receives what happens.
  ///   - shouldStop: asked after every step, and while features are computed; true ends the training
  ///     with what there is. By default the cancellation of the calling task.
  /// - Throws: a `usage` error where the settings do not fit; errors of pictures; `notFinite` where
  ///   the loss is NaN or infinite; `cannotWrite` for the cache.
  public func run(
    report: @escaping (FineTuningEvent) -> Void = { _ in },
    shouldStop: () -> Bool = { Task.isCancelled }
  ) throws(CNNError) -> FineTunedNetwork {
    let start = ContinuousClock.now
    try settings.check(for: network, training, validation: validation)
    let store = MemoryStore()
    let result = try stoppable { () throws(CNNError) in
      func passOn(_ event: FineTuningEvent) throws(CNNError) {
        report(event)
        if shouldStop() { throw .stopped }
      }
      let split = try newSplit(passOn)
      for warning in try split.warnings() { report(.warning(warning.text, warning.remedy)) }
      remarks.forEach(report)
      let loop = try loop(over: split, passOn)
      var session = TrainingSession(
        loop, from: loop.initialState(network.parameters), isSaved: false, records: [],
        store: store, timeBudget: options.timeBudget, since: start, report: report)
      return try session.run(shouldStop)
    }
    return FineTunedNetwork(
      result: result, records: store.records, best: store.best.map(network.withParameters))
  }

  /// The result of `body`; where it was asked to stop before the first step, one that says so.
  package func stoppable(
    _ body: () throws(CNNError) -> FineTuningResult
  ) throws(CNNError) -> FineTuningResult {
    do throws(CNNError) {
      return try body()
    } catch {
      guard error.code == .stopped else { throw error.asData }
      return .stoppedBeforeTheFirstStep
    }
  }
}

extension TransferredNetwork {
  /// The network with trained parameters, ready to be used.
  fileprivate func withParameters(_ trained: TrainingParameters) -> PretrainedNetwork {
    let own = Set(trained.descriptions.map(\.name))
    let arrays = network.parameters.map { parameter in
      (
        parameter.name,
        own.contains(parameter.name) ? trained[parameter.name] : parameters[parameter.name]
      )
    }
    return PretrainedNetwork(
      model: nil, network: network,
      parameters: Parameters(Dictionary(uniqueKeysWithValues: arrays), for: network),
      preprocessing: preprocessing, labels: labels, layout: nil)
  }
}

extension CNNError {
  /// A picture that cannot be read while a training needs it is an error of its data.
  fileprivate var asData: CNNError {
    var copy = self
    if domain == .picture { copy.domain = .data }
    return copy
  }

  /// How a request to stop finds its way out.
  package static let stopped = CNNError(.usage, .stopped, "the training was asked to stop")
}

extension CNNError.Code {
  /// The caller asked to stop.
  package static let stopped = CNNError.Code(rawValue: "stopped")
}

extension FineTuner {
  /// Trains in memory, on a thread of its own: the calling task waits without holding a thread of
  /// Swift's cooperative pool. When the task is cancelled the training ends with what there is; the
  /// result says so.
  ///
  /// - Parameter report: receives what happens, on the training's thread.
  /// - Throws: as the synchronous form.
  public func run(
    report: @escaping @Sendable (FineTuningEvent) -> Void = { _ in }
  ) async throws(CNNError) -> FineTunedNetwork {
    try await Self.detached(
      ifCancelled: FineTunedNetwork(result: .stoppedBeforeTheFirstStep, records: [], best: nil)
    ) { () throws(CNNError) in
      try run(report: report, shouldStop: { Task.isCancelled })
    }
  }

  /// Does the work of a training on a thread of its own, because it may take hours.
  ///
  /// - Parameter stopped: returned where the task was cancelled before the work began.
  package static func detached<Value: Sendable>(
    ifCancelled stopped: Value, _ work: @Sendable () throws(CNNError) -> Value
  ) async throws(CNNError) -> Value {
    do throws(CNNError) {
      return try await ComputeExecutor(threadCount: 1).run(work)
    } catch {
      guard error.code == .cancelled else { throw error }
      return stopped
    }
  }
}
