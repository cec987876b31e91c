public import CNNCore
public import CNNImage
public import CNNKit
public import CNNSystem

/// Measures how good a network is on pictures whose classes are known.
///
///     let evaluator = Evaluator(pretrained)
///     let result = try evaluator.evaluate(try source.all.matched(to: pretrained.labels))
///     print(result.evaluation.accuracy)
public struct Evaluator: Sendable {
  /// A picture that could not be read, and why.
  public typealias BadPicture = (name: String, error: CNNError)

  private let pipeline: PicturePipeline
  private let preprocessing: Preprocessing
  private let classNames: [String]
  private let decoding: DecodingOptions

  /// An evaluator of one network.
  ///
  /// - Parameters:
  ///   - pretrained: the network. Precondition: it is whole.
  ///   - decoding: how files are read.
  ///   - batchSize: pictures that are computed at once; twice as many are in memory. It changes no
  ///     bit.
  ///   - threads: worker threads; nil for one on each processor.
  ///   - options: how it is computed.
  public init(
    _ pretrained: PretrainedNetwork, decoding: DecodingOptions = DecodingOptions(),
    batchSize: Int = 16, threads: Int? = nil, options: InferenceOptions = .automatic
  ) {
    precondition(
      pretrained.network.classCount == pretrained.labels.count,
      "\(pretrained.network.name) was cut before its classes")
    let plan = InferencePlan(
      network: pretrained.network, parameters: pretrained.parameters, threads: threads,
      options: options)
    pipeline = PicturePipeline(plan: plan, batchSize: batchSize)
    preprocessing = pretrained.preprocessing
    classNames = pretrained.labels.labels.map(\.name)
    self.decoding = decoding
  }

  /// Evaluates the network on a data set whose class indices are the network's outputs.
  ///
  /// - Parameters:
  ///   - dataSet: see `DataSet.matched(to:)`.
  ///   - skipsBad: whether pictures that cannot be read are left out, or are an error.
  ///   - progress: receives the number of pictures done since the last call.
  ///   - inspect: gets each picture with the probability of every class.
  /// - Returns: the evaluation, and the pictures that were left out.
  /// - Throws: as `run`, and what `inspect` throws.
  public func evaluate(
    _ dataSet: DataSet, skippingBad skipsBad: Bool = false, progress: (Int) -> Void = { _ in },
    inspect: (LabelledPicture, Tensor) throws(CNNError) -> Void = { _, _ in }
  ) throws(CNNError) -> (evaluation: Evaluation, bad: [BadPicture]) {
    precondition(dataSet.classNames == classNames, "the data set is not matched to the model")
    var evaluation = Evaluation(classNames: classNames)
    let bad = try run(dataSet.pictures, skippingBad: skipsBad, progress: progress) {
      (picture, probabilities) throws(CNNError) in
      evaluation.add(probabilities, of: [picture])
      try inspect(picture, probabilities)
    }
    return (evaluation, bad)
  }

  /// What the network says about each picture, in their order.
  ///
  /// - Parameters:
  ///   - pictures: their classes do not matter here.
  ///   - skipsBad: whether pictures that cannot be read are left out, or are an error.
  ///   - progress: receives the number of pictures done since the last call.
  ///   - body: gets each picture with `[classes]` probabilities.
  /// - Returns: the pictures that were left out.
  /// - Throws: `badPictures`, which names the pictures that cannot be read; all of them are found, but
  ///   after the first one the network is no longer run. `answerNotFinite` where an answer is NaN or infinite.
  public func run(
    _ pictures: [LabelledPicture], skippingBad skipsBad: Bool, progress: (Int) -> Void = { _ in },
    _ body: (LabelledPicture, Tensor) throws(CNNError) -> Void
  ) throws(CNNError) -> [BadPicture] {
    var bad: [BadPicture] = []
    try pipeline.run(pictures) { (picture) throws(CNNError) in
      let decoded = try picture.source.decode(decoding)
      return (preprocessing.apply(to: decoded.pixels), decoded.warnings)
    } _: { (batch) throws(CNNError) in
      for (picture, input) in zip(batch.sources, batch.inputs) {
        if case .failure(let error) = input { bad.append((picture.source.name, error)) }
      }
      if bad.isEmpty || skipsBad {
        for (picture, output) in zip(batch.sources, batch.outputs()) {
          guard case .success(let row) = output else { continue }
          try row.requireFiniteAnswer(.weights, about: picture.source.name)
          try body(picture, row.reshaped([classNames.count]))
        }
      }
      progress(batch.sources.count)
    }
    guard bad.isEmpty || skipsBad else { throw Self.failure(bad, of: pictures.count) }
    return bad
  }

  private static func failure(_ bad: [BadPicture], of count: Int) -> CNNError {
    CNNError(
      .data, .badPictures, "\(bad.count) of \(count) pictures cannot be read",
      remedy: CNNError.Remedy("Mend or remove them, or leave them out", action: .skipBadPictures),
      details: CNNError.details(of: bad.map { "\($0.name): \($0.error.message)" }))
  }
}

extension CNNError.Code {
  /// Pictures of a data set cannot be read, and leaving them out was not asked for.
  public static let badPictures = CNNError.Code(rawValue: "bad-pictures")
}
