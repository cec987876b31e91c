public import CNNSystem
public import CNNTraining

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
