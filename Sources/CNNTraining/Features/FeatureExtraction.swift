public import CNNCore
internal import CNNImage
public import CNNSystem

/// Computes the outputs of the last frozen node for all pictures, once: what the cache has is
/// checked and taken, the rest is computed and put there.
public struct FeatureExtraction: Sendable {
  /// How far a pass is.
  public struct Progress: Sendable {
    /// Variants of pictures that are done.
    public let done: Int
    /// Those that were found in the cache.
    public let cached: Int
    /// All.
    public let total: Int
  }

  private let plan: InferencePlan
  private let key: FeatureKey
  private let augmentation: Augmentation
  private let seed: UInt64
  private let batchSize: Int

  /// A pass with one plan.
  ///
  /// - Parameters:
  ///   - plan: computes the features. Precondition: the key is one of this plan.
  ///   - key: what decides the features.
  ///   - augmentation: makes the variants from 1 on.
  ///   - seed: of the augmentation.
  ///   - batchSize: pictures computed at once; it changes no bit.
  public init(
    plan: InferencePlan, key: FeatureKey, augmentation: Augmentation = .none, seed: UInt64 = 0,
    batchSize: Int = 16
  ) {
    precondition(
      plan.network == key.network && plan.options.kernels == key.kernels
        && plan.options.precision == key.arithmetic, "the plan computes something else")
    self.plan = plan
    self.key = key
    self.augmentation = augmentation
    self.seed = seed
    self.batchSize = batchSize
  }

  /// The features of `pictures`.
  ///
  /// - Parameters:
  ///   - pictures: whose features.
  ///   - variants: of each picture; 1 is the picture alone.
  ///   - cache: where features are kept.
  ///   - report: hears of the progress and may throw to stop; what was computed is kept.
  /// - Throws: the error of a picture, `cannotWrite` for the cache, and what `report` throws.
  public func run(
    _ pictures: [LabelledPicture], variants: Int = 1, cache: FeatureCache = FeatureCache(),
    _ report: (Progress) throws(CNNError) -> Void = { _ in }
  ) throws(CNNError) -> FeatureSet {
    let hashes = try hashes(of: pictures, variants: variants)
    let total = hashes.count
    var file = try cache.open(key)
    // An error closes the file, and with it the lock goes.
    try file.lock { () throws(CNNError) in
      try report(Progress(done: 0, cached: 0, total: total))
    }
    let missing = hashes.indices.filter { !isWhole(hashes[$0], in: file) }
    cache.makeRoom(
      for: missing.count * FeatureFile.recordSize(payloadSize: key.payloadSize), except: file.path)
    let cached = total - missing.count
    var done = cached
    try report(Progress(done: done, cached: cached, total: total))
    let batches = stride(from: 0, to: missing.count, by: batchSize).map {
      missing[$0..<min($0 + batchSize, missing.count)]
    }
    try Workers.forEachMadeAhead(
      count: batches.count, threads: plan.threads,
      make: { inputs(batches[$0], of: pictures, variants: variants) }
    ) { (inputs) throws(CNNError) in
      let tensors = try inputs.map { (input) throws(CNNError) in try input.tensor.get() }
      for (input, row) in zip(inputs, plan.run(Tensor(rows: tensors)).rows) {
        try row.withUnsafeElements { (elements) throws(CNNError) in
          try file.append(hashes[input.index], key.precision, elements)
        }
      }
      done += inputs.count
      try report(Progress(done: done, cached: cached, total: total))
    }
    file.unlock()
    return FeatureSet(file: file, hashes: hashes, variants: variants, key: key)
  }

  /// What each variant of each picture is called in the cache: its content, and what was done to
  /// it.
  private func hashes(
    of pictures: [LabelledPicture], variants: Int
  ) throws(CNNError) -> [ContentHash] {
    let contents = Workers.map(count: pictures.count, threads: plan.threads) { index in
      Result { () throws(CNNError) in try pictures[index].source.contentHash() }
    }
    var hashes: [ContentHash] = []
    hashes.reserveCapacity(pictures.count * variants)
    for (index, content) in contents.enumerated() {
      let content = try content.get()
      hashes.append(content)
      for variant in 1..<max(variants, 1) {
        let draw = augmentation.draw(seed: seed, variant: variant, picture: index)
        hashes.append(
          draw == Augmentation.Draw() ? content : ContentHash(of: Array("\(content) \(draw)".utf8)))
      }
    }
    return hashes
  }

  private func isWhole(_ hash: ContentHash, in file: borrowing FeatureFile) -> Bool {
    guard file.contains(hash) else { return false }
    return withUnsafeTemporaryAllocation(byteCount: key.payloadSize, alignment: 64) {
      file.read(hash, into: $0)
    }
  }

  /// Some variants as the network takes them; variant v of picture p has the index
  /// `p * variants + v`.
  private func inputs(
    _ indices: ArraySlice<Int>, of pictures: [LabelledPicture], variants: Int
  ) -> [(index: Int, tensor: Result<Tensor, CNNError>)] {
    let indices = Array(indices)
    return Workers.map(count: indices.count, threads: plan.threads) { number in
      let (picture, variant) = indices[number].quotientAndRemainder(dividingBy: variants)
      let tensor = Result { () throws(CNNError) in
        augmentation.input(
          for: try pictures[picture].source.decode(key.decoding).pixels,
          preprocessing: key.preprocessing, seed: seed, variant: variant, picture: picture)
      }
      return (indices[number], tensor)
    }
  }
}
