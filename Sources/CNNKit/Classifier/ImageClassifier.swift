public import CNNCore
public import CNNImage
public import CNNSystem
public import Foundation
public import SystemPackage

/// The whole path from a picture to labels.
///
///     let classifier = try ImageClassifier(model: .vgg16, weights: url)
///     for prediction in try classifier.classify(imageURL, top: 5) {
///       print(prediction.label.name, prediction.probability)
///     }
///
/// A classifier is immutable: any number of tasks may use one at once.
public struct ImageClassifier: Sendable {
  /// The network, its parameters, its preprocessing and its labels.
  public let pretrained: PretrainedNetwork
  /// How picture files are read.
  public let decoding: DecodingOptions
  private let plan: InferencePlan

  /// A classifier from a weights file, and a model of the catalogue where the file does not say
  /// itself what it holds.
  ///
  /// - Parameters:
  ///   - model: for example `.vgg16`; `CNNModel(named: "vgg16")` finds one by name. Nil for a file that
  ///     training has written, see `ModelFile`.
  ///   - weights: `.npz`, `.npy`, `.safetensors` or `.pth`; it is mapped, and must not change while
  ///     the classifier lives.
  ///   - options: what the file should not decide.
  ///   - decoding: how picture files are read.
  ///   - threads: worker threads; nil for one on each processor.
  /// - Throws: a `weights` error that names every array that does not fit.
  public init(
    model: CNNModel? = nil, weights: URL, options: LoadingOptions = LoadingOptions(),
    decoding: DecodingOptions = DecodingOptions(), threads: Int? = nil
  ) throws(CNNError) {
    self.init(
      try PretrainedNetwork(model: model, weights: FilePath(fileURL: weights), options: options),
      decoding: decoding, threads: threads)
  }

  /// A classifier from parts. Precondition: the network is whole, with an output for each label.
  public init(
    _ pretrained: PretrainedNetwork, decoding: DecodingOptions = DecodingOptions(),
    threads: Int? = nil, options: InferenceOptions = .automatic
  ) {
    precondition(
      pretrained.network.classCount == pretrained.labels.count,
      "\(pretrained.network.name) was cut before its classes")
    self.pretrained = pretrained
    self.decoding = decoding
    plan = InferencePlan(
      network: pretrained.network, parameters: pretrained.parameters, threads: threads,
      options: options)
  }

  /// The most probable classes of a picture file, best first.
  ///
  /// - Parameters:
  ///   - url: a picture file of a format that `PictureFormat` names.
  ///   - count: how many classes.
  /// - Throws: a `picture` error that names the file and its fault.
  public func classify(_ url: URL, top count: Int = 5) throws(CNNError) -> [Prediction] {
    try classify(PictureDecoder(options: decoding).decode(url).pixels, top: count)
  }

  /// The most probable classes of an encoded picture, such as the body of a request.
  ///
  /// - Parameters:
  ///   - encoded: the bytes of a picture file.
  ///   - count: how many classes.
  /// - Throws: a `picture` error that names the fault.
  public func classify(
    encoded: some Collection<UInt8>, top count: Int = 5
  ) throws(CNNError) -> [Prediction] {
    let picture = try PictureDecoder(options: decoding).decode(encoded: encoded)
    return classify(picture.pixels, top: count)
  }

  /// The most probable classes of a picture in memory.
  public func classify(_ pixels: Pixels, top count: Int = 5) -> [Prediction] {
    classify(batch: pretrained.preprocessing.apply(to: pixels), top: count)[0]
  }

  /// What became of one picture file among many.
  public struct Outcome: Sendable {
    /// The file.
    public let path: FilePath
    /// What was odd about it although it could be read.
    public let warnings: [String]
    /// The most probable classes, best first, or why there are none.
    public let result: Result<[Prediction], CNNError>
  }

  /// The most probable classes of many picture files, a batch at a time and in their order. One
  /// that cannot be read does not stop the others.
  ///
  /// - Parameters:
  ///   - paths: picture files.
  ///   - count: how many classes for each.
  ///   - batchSize: pictures that are in memory at once.
  ///   - body: gets the outcomes of each batch.
  public func classify<Failure: Error>(
    files paths: [FilePath], top count: Int = 5, batchSize: Int = 8,
    _ body: ([Outcome]) throws(Failure) -> Void
  ) throws(Failure) {
    let batches = PictureBatches(
      plan: plan, preprocessing: pretrained.preprocessing, decoding: decoding,
      batchSize: batchSize)
    try batches.run(paths) { (outcomes) throws(Failure) in
      try body(
        outcomes.map { outcome in
          let result = outcome.result.flatMap { (probabilities) -> Result<[Prediction], CNNError> in
            Result { () throws(CNNError) in try finitePredictions(count, probabilities) }
          }
          return Outcome(path: outcome.path, warnings: outcome.warnings, result: result)
        })
    }
  }

  private func finitePredictions(
    _ count: Int, _ probabilities: Tensor
  ) throws(CNNError) -> [Prediction] {
    try probabilities.requireFiniteAnswer(.picture)
    let flat = probabilities.reshaped([1, pretrained.labels.count])
    return Prediction.top(count, of: flat, labels: pretrained.labels)[0]
  }

  /// The most probable classes of each picture of an input tensor.
  ///
  /// - Parameters:
  ///   - batch: `[N, C, H, W]`, preprocessed.
  ///   - count: how many classes for each.
  /// - Returns: N lists, best first.
  public func classify(batch: Tensor, top count: Int = 5) -> [[Prediction]] {
    Prediction.top(count, of: probabilities(of: batch), labels: pretrained.labels)
  }

  /// The probability of every class.
  ///
  /// - Parameter batch: `[N, C, H, W]`, preprocessed.
  /// - Returns: `[N, classes]`.
  public func probabilities(of batch: Tensor) -> Tensor {
    let result = plan.run(batch)
    return result.reshaped([result.shape[0], pretrained.labels.count])
  }
}
