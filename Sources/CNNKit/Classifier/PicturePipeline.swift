package import CNNCore
package import CNNSystem

/// Pictures on their way through a network: read and preprocessed a batch ahead of the network, in
/// their order. Prediction, evaluation and the extraction of features all go through here.
package struct PicturePipeline: Sendable {
  /// A picture as the network sees it, `[1, C, H, W]`, and what was odd about its file.
  package typealias Input = (tensor: Tensor, warnings: [String])

  /// Some pictures that have been read.
  package struct Batch<Source> {
    /// Where the pictures came from.
    package let sources: ArraySlice<Source>
    /// Each picture, or why it cannot be read.
    package let inputs: [Result<Input, CNNError>]
    fileprivate let plan: InferencePlan

    /// Runs the plan over the pictures that could be read.
    ///
    /// - Returns: the output for each picture, `[1]` and the output shape, or why there is none.
    package func outputs() -> [Result<Tensor, CNNError>] {
      let tensors = inputs.compactMap { input in try? input.get().tensor }
      var rows = tensors.isEmpty ? [] : plan.run(Tensor(rows: tensors)).rows[...]
      return inputs.map { input in
        input.map { _ in
          guard let row = rows.popFirst() else { preconditionFailure("a row for each input") }
          return row
        }
      }
    }
  }

  /// What is run.
  package let plan: InferencePlan
  private let batchSize: Int

  /// A pipeline into one plan.
  ///
  /// - Parameter batchSize: pictures that are computed at once, at least 1; twice as many are in
  ///   memory. It changes no bit.
  package init(plan: InferencePlan, batchSize: Int) {
    requireArgument(batchSize > 0, "a batch holds at least one picture")
    self.plan = plan
    self.batchSize = batchSize
  }

  /// Reads pictures and hands them out a batch at a time.
  ///
  /// - Parameters:
  ///   - sources: where the pictures come from.
  ///   - input: reads one; it is called by several threads at once.
  ///   - body: gets each batch while the next one is read.
  package func run<Source: Sendable, Failure: Error>(
    _ sources: [Source], input: @Sendable (Source) throws(CNNError) -> Input,
    _ body: (Batch<Source>) throws(Failure) -> Void
  ) throws(Failure) {
    try Workers.forEachBatchMadeAhead(
      of: sources, batchSize: batchSize, threads: plan.threads,
      make: { source in Result { () throws(CNNError) in try input(source) } }
    ) { (sources, inputs) throws(Failure) in
      try body(Batch(sources: sources, inputs: inputs, plan: plan))
    }
  }
}
