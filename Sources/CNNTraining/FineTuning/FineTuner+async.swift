public import CNNSystem

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
