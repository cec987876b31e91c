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

  private let pipeline: PicturePipeline
  private let preprocessing: Preprocessing
  private let decoding: DecodingOptions

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
    pipeline = PicturePipeline(plan: plan, batchSize: batchSize)
    self.preprocessing = preprocessing
    self.decoding = decoding
  }

  /// Runs the plan over `paths` and hands out the outcomes in that order, a batch at a time.
  public func run<Failure: Error>(
    _ paths: [FilePath], _ body: ([Outcome]) throws(Failure) -> Void
  ) throws(Failure) {
    let decoder = PictureDecoder(options: decoding)
    try pipeline.run(paths) { (path) throws(CNNError) in
      let picture = try decoder.decode(path)
      return (preprocessing.apply(to: picture.pixels), picture.warnings)
    } _: { (batch) throws(Failure) in
      let pictures = zip(batch.sources, zip(batch.inputs, batch.outputs()))
      try body(
        pictures.map { path, picture in
          let warnings = (try? picture.0.get().warnings) ?? []
          return Outcome(path: path, warnings: warnings, result: picture.1)
        })
    }
  }
}
