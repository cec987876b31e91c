public import CNNCore
public import CNNImage
public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The whole path from a picture to labels.
///
///     let classifier = try ImageClassifier(model: .vgg16, weights: url)
///     for prediction in try classifier.classify(imageURL, top: 5) {
///       print(prediction.label.name, prediction.probability)
///     }
///
/// A classifier is immutable: any number of threads and tasks may use one at once. Each `classify`
/// has a synchronous form, which computes on the calling thread, and an asynchronous form for
/// servers, which computes beside Swift's cooperative pool; see `ComputeExecutor`.
public struct ImageClassifier: Sendable {
  /// The network, its parameters, its preprocessing and its labels.
  public let pretrained: PretrainedNetwork
  /// How picture files are read.
  public let decoding: DecodingOptions
  private let plan: InferencePlan

  /// A classifier from a weights file.
  ///
  /// - Parameters:
  ///   - model: for example `.vgg16`; `CNNModel(named: "vgg16")` finds one by its name. Nil for a
  ///     file that training has written, see `ModelFile`.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`; it is mapped, and must not change while
  ///     the classifier is in use.
  ///   - options: what the file should not decide.
  ///   - decoding: how picture files are read.
  ///   - threads: worker threads; nil for one on each processor.
  ///   - inference: which kernels compute, and in which precision.
  /// - Throws: a `weights` error that names every array that does not fit.
  public init(
    model: CNNModel? = nil, weights: FilePath, options: LoadingOptions = LoadingOptions(),
    decoding: DecodingOptions = DecodingOptions(), threads: Int? = nil,
    inference: InferenceOptions = .automatic
  ) throws(CNNError) {
    self.init(
      try PretrainedNetwork(model: model, weights: weights, options: options),
      decoding: decoding, threads: threads, inference: inference)
  }

  /// The same from a file URL.
  public init(
    model: CNNModel? = nil, weights: URL, options: LoadingOptions = LoadingOptions(),
    decoding: DecodingOptions = DecodingOptions(), threads: Int? = nil,
    inference: InferenceOptions = .automatic
  ) throws(CNNError) {
    try self.init(
      model: model, weights: FilePath(fileURL: weights), options: options, decoding: decoding,
      threads: threads, inference: inference)
  }

  /// A classifier from parts. Precondition: the network has an output for each label, so it was not
  /// cut before its last layer.
  public init(
    _ pretrained: PretrainedNetwork, decoding: DecodingOptions = DecodingOptions(),
    threads: Int? = nil, inference: InferenceOptions = .automatic
  ) {
    requireArgument(
      pretrained.network.classCount == pretrained.labels.count,
      "\(pretrained.network.name) was cut before its classes")
    self.pretrained = pretrained
    self.decoding = decoding
    plan = InferencePlan(
      network: pretrained.network, parameters: pretrained.parameters, threads: threads,
      options: inference)
  }

  // MARK: One picture

  /// The most probable classes of a picture file, best first.
  ///
  /// - Parameters:
  ///   - path: a picture file of a format that `PictureFormat` names.
  ///   - count: how many classes; all where there are fewer, none below 1.
  /// - Throws: a `picture` error that names the file and its fault.
  public func classify(_ path: FilePath, top count: Int = 5) throws(CNNError) -> Classification {
    do {
      return try classify(PictureDecoder(options: decoding).decode(path), top: count)
    } catch {
      throw error.about(path.displayName)
    }
  }

  /// The same of a file URL.
  public func classify(_ url: URL, top count: Int = 5) throws(CNNError) -> Classification {
    try classify(FilePath(fileURL: url), top: count)
  }

  /// The most probable classes of an encoded picture, such as the body of a request.
  ///
  /// - Parameters:
  ///   - encoded: the bytes of a picture file.
  ///   - count: how many classes; all where there are fewer, none below 1.
  /// - Throws: a `picture` error that names the fault.
  public func classify(
    encoded: some Collection<UInt8>, top count: Int = 5
  ) throws(CNNError) -> Classification {
    try classify(PictureDecoder(options: decoding).decode(encoded: encoded), top: count)
  }

  /// The most probable classes of a picture in memory.
  ///
  /// - Throws: `answerNotFinite` where the network's answer is NaN or infinite.
  public func classify(_ pixels: Pixels, top count: Int = 5) throws(CNNError) -> Classification {
    let predictions = try classify(batch: pretrained.preprocessing.apply(to: pixels), top: count)
    return Classification(predictions: predictions[0])
  }

  private func classify(
    _ picture: DecodedPicture, top count: Int
  ) throws(CNNError) -> Classification {
    Classification(
      predictions: try classify(picture.pixels, top: count).predictions, warnings: picture.warnings)
  }

  // MARK: Many pictures

  /// What became of one picture among many.
  public struct Outcome<Picture: Sendable>: Sendable {
    /// The picture: its path or URL, its bytes or its pixels.
    public let picture: Picture
    /// The most probable classes, best first, or why there are none.
    public let result: Result<Classification, CNNError>

    /// What was odd about a picture that could be classified, a sentence each.
    public var warnings: [String] { (try? result.get().warnings) ?? [] }
  }

  /// The most probable classes of many picture files, a batch at a time and in their order. One
  /// that cannot be read does not stop the others.
  ///
  /// - Parameters:
  ///   - paths: picture files.
  ///   - count: how many classes for each; all where there are fewer, none below 1.
  ///   - batchSize: how many pictures are computed at once; at least 1 is used. Twice as many are
  ///     in memory.
  ///   - body: receives the outcomes of each batch.
  public func classify<Failure: Error>(
    files paths: [FilePath], top count: Int = 5, batchSize: Int = 8,
    _ body: ([Outcome<FilePath>]) throws(Failure) -> Void
  ) throws(Failure) {
    let batches = PictureBatches(
      plan: plan, preprocessing: pretrained.preprocessing, decoding: decoding,
      batchSize: Swift.max(1, batchSize))
    try batches.run(paths) { (outcomes) throws(Failure) in
      try body(
        outcomes.map { outcome in
          let result = outcome.result.flatMap {
            (probabilities) -> Result<Classification, CNNError> in
            Result { () throws(CNNError) in
              Classification(
                predictions: try predictions(count, of: probabilities)[0],
                warnings: outcome.warnings)
            }
          }
          return Outcome(picture: outcome.path, result: result)
        })
    }
  }

  // MARK: Tensors

  /// The most probable classes of each picture of an input tensor.
  ///
  /// - Parameters:
  ///   - batch: `[N, C, H, W]`, preprocessed.
  ///   - count: how many classes for each; all where there are fewer, none below 1.
  /// - Returns: N lists, best first.
  /// - Throws: `mismatch` for a tensor of another shape; `answerNotFinite` where the network's
  ///   answer is NaN or infinite.
  public func classify(batch: Tensor, top count: Int = 5) throws(CNNError) -> [[Prediction]] {
    let expected = pretrained.network.inputShape
    guard batch.shape.count == 4, Array(batch.shape[1...]) == expected else {
      throw CNNError(
        .usage, .mismatch, "the network takes no batch of this shape",
        subject: pretrained.network.name, found: batch.shape.shapeDescription,
        expected: "N x \(expected.shapeDescription)")
    }
    return try predictions(count, of: plan.run(batch))
  }

  /// The probability of every class.
  ///
  /// - Parameter batch: `[N, C, H, W]`, preprocessed.
  /// - Returns: `[N, classes]`.
  public func probabilities(of batch: Tensor) -> Tensor {
    let result = plan.run(batch)
    return result.reshaped([result.shape[0], pretrained.labels.count])
  }

  private func predictions(
    _ count: Int, of probabilities: Tensor
  ) throws(CNNError) -> [[Prediction]] {
    try probabilities.requireFiniteAnswer(.picture)
    let rows = probabilities.reshaped([probabilities.shape[0], pretrained.labels.count])
    return Prediction.top(count, of: rows, labels: pretrained.labels)
  }
}
