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
      paths[$0..<min($0 + batchSize, paths.count)]
    }
    try Workers.forEachMadeAhead(
      count: batches.count, threads: plan.threads, make: { inputs(from: Array(batches[$0])) }
    ) { (inputs) throws(Failure) in try body(outcomes(of: inputs)) }
  }

  /// A picture as the network takes it, and what was odd about it.
  private typealias Input = (tensor: Tensor, warnings: [String])

  private func inputs(
    from paths: [FilePath]
  ) -> [(path: FilePath, input: Result<Input, CNNError>)] {
    Workers.map(count: paths.count, threads: plan.threads) { index in
      (paths[index], Result { () throws(CNNError) in try input(from: paths[index]) })
    }
  }

  private func outcomes(
    of inputs: [(path: FilePath, input: Result<Input, CNNError>)]
  ) -> [Outcome] {
    let tensors = inputs.compactMap { try? $0.input.get().tensor }
    var rows = tensors.isEmpty ? [] : plan.run(Tensor(rows: tensors)).rows[...]
    return inputs.map { path, input in
      switch input {
      case .failure(let error):
        return Outcome(path: path, warnings: [], result: .failure(error))
      case .success(let input):
        guard let row = rows.popFirst() else { preconditionFailure("a row for each input") }
        return Outcome(path: path, warnings: input.warnings, result: .success(row))
      }
    }
  }

  private func input(from path: FilePath) throws(CNNError) -> Input {
    let picture = try PictureDecoder(options: decoding).decode(path)
    return (preprocessing.apply(to: picture.pixels), picture.warnings)
  }
}
