public import CNNCore
public import CNNImage
public import CNNSystem
public import SystemPackage

/// Runs a plan over many picture files, a batch at a time and in their order; the pictures of the
/// next batch are decoded meanwhile.
///
/// A picture that cannot be read does not stop the others: its outcome is the error.
public struct PictureBatches: Sendable {
  /// What became of one picture.
  public struct Outcome: Sendable {
    /// The file.
    public let path: FilePath
    /// What was odd about it although it could be read.
    public let warnings: [String]
    /// The plan's output for this picture, `[1]` and the output shape, or why there is none.
    public let result: Result<Tensor, CNNError>
  }

  private let plan: InferencePlan
  private let preprocessing: Preprocessing
  private let decoding: DecodingOptions
  private let batchSize: Int

  /// Batches for one plan.
  ///
  /// - Parameters:
  ///   - plan: what to run.
  ///   - preprocessing: what is done to pixels before.
  ///   - decoding: how files are read.
  ///   - batchSize: pictures that are computed at once; twice as many are in memory.
  public init(
    plan: InferencePlan, preprocessing: Preprocessing,
    decoding: DecodingOptions = DecodingOptions(), batchSize: Int = 8
  ) {
    precondition(batchSize > 0, "a batch holds at least one picture")
    self.plan = plan
    self.preprocessing = preprocessing
    self.decoding = decoding
    self.batchSize = batchSize
  }

  /// Runs the plan over `paths` and hands out the outcomes in that order, a batch at a time.
  public func run<Failure: Error>(
    _ paths: [FilePath], _ body: ([Outcome]) throws(Failure) -> Void
  ) throws(Failure) {
    let batches = stride(from: 0, to: paths.count, by: batchSize).map {
      Array(paths[$0..<min($0 + batchSize, paths.count)])
    }
    try Workers.forEachMadeAhead(
      count: batches.count, threads: plan.threads, make: { inputs(from: batches[$0]) }
    ) { (inputs) throws(Failure) in try body(outcomes(of: inputs)) }
  }

  /// A picture as the network sees it, `[1, C, H, W]`, and what was odd about its file.
  package typealias Input = (tensor: Tensor, warnings: [String])

  /// A batch of files, read.
  private typealias Batch = (paths: [FilePath], inputs: [Result<Input, CNNError>])

  private func inputs(from paths: [FilePath]) -> Batch {
    let decoder = PictureDecoder(options: decoding)
    let inputs = inputs(count: paths.count) { (index) throws(CNNError) in
      let picture = try decoder.decode(paths[index])
      return (picture.pixels, picture.warnings)
    }
    return (paths, inputs)
  }

  private func outcomes(of batch: Batch) -> [Outcome] {
    zip(zip(batch.paths, batch.inputs), results(of: batch.inputs)).map { input, result in
      let warnings = (try? input.1.get().warnings) ?? []
      return Outcome(path: input.0, warnings: warnings, result: result)
    }
  }

  /// One batch of inputs, each decoded and preprocessed by itself.
  package func inputs(
    count: Int,
    _ decode: @Sendable (Int) throws(CNNError) -> (pixels: Pixels, warnings: [String])
  ) -> [Result<Input, CNNError>] {
    Workers.map(count: count, threads: plan.threads) { index in
      Result { () throws(CNNError) in
        let (pixels, warnings) = try decode(index)
        return (preprocessing.apply(to: pixels), warnings)
      }
    }
  }

  /// The plan's output for each input of a batch that could be read, `[1]` and the output shape.
  package func results(of inputs: [Result<Input, CNNError>]) -> [Result<Tensor, CNNError>] {
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
