package import CNNCore
internal import CNNImage
internal import CNNKit
package import CNNSystem

/// How far the computation of features is.
public struct FeatureProgress: Sendable, Hashable {
  /// Variants of pictures that are done.
  public let done: Int
  /// Those of them that were found in the cache.
  public let cached: Int
  /// All that are needed.
  public let total: Int
}

/// Computes the outputs of the last frozen node for all pictures, once: what the cache holds is
/// checked and used, the rest is computed and stored there. Without a cache all of them are computed
/// and held in memory.
package struct FeatureExtraction: Sendable {
  private let pipeline: PicturePipeline
  private let key: FeatureKey
  private let changes: PictureChanges

  private var plan: InferencePlan { pipeline.plan }

  /// An extraction with one plan.
  ///
  /// - Parameters:
  ///   - plan: computes the features. Precondition: the key is one of this plan.
  ///   - key: what decides the features.
  ///   - changes: make the variants from 1 on.
  ///   - batchSize: pictures computed at once; it changes no bit.
  package init(
    plan: InferencePlan, key: FeatureKey, changes: PictureChanges = .none, batchSize: Int = 16
  ) {
    precondition(
      plan.network == key.network && plan.options.kernels == key.kernels
        && plan.options.precision == key.arithmetic, "the plan computes something else")
    pipeline = PicturePipeline(plan: plan, batchSize: batchSize)
    self.key = key
    self.changes = changes
  }

  /// One variant of one picture.
  private struct Variant: Sendable {
    let picture: Int
    let variant: Int
    let hash: ContentHash
  }

  /// The features of `pictures`.
  ///
  /// - Parameters:
  ///   - pictures: whose features.
  ///   - variants: of each picture; 1 is the picture alone.
  ///   - cache: where features are kept; nil for memory.
  ///   - report: receives the progress and may throw to stop; what was computed stays in the cache.
  /// - Throws: the error of a picture, `cannotWrite` for the cache, and what `report` throws.
  package func run(
    _ pictures: [LabelledPicture], variants: Int = 1, cache: FeatureCache? = FeatureCache(),
    _ report: (FeatureProgress) throws(CNNError) -> Void = { _ in }
  ) throws(CNNError) -> FeatureSet {
    let all = try hashed(pictures, variants: variants)
    guard let cache else { return try computed(all, of: pictures, variants: variants, report) }
    var file = try cache.open(key)
    // An error closes the file, and with it the lock goes.
    try file.lock { () throws(CNNError) in
      try report(FeatureProgress(done: 0, cached: 0, total: all.count))
    }
    let missing = all.filter { !isWhole($0.hash, in: file) }
    cache.makeRoom(
      for: missing.count * FeatureFile.recordSize(payloadSize: key.payloadSize), except: file.path)
    let cached = all.count - missing.count
    var done = cached
    try report(FeatureProgress(done: done, cached: cached, total: all.count))
    try compute(missing, of: pictures) { (variants, rows) throws(CNNError) in
      for (variant, row) in zip(variants, rows) {
        try row.withUnsafeElements { (elements) throws(CNNError) in
          try file.append(variant.hash, key.storage, elements)
        }
      }
      done += rows.count
      try report(FeatureProgress(done: done, cached: cached, total: all.count))
    }
    file.unlock()
    return FeatureSet(file: file, hashes: all.map(\.hash), variants: variants, key: key)
  }

  /// All features, in memory.
  private func computed(
    _ all: [Variant], of pictures: [LabelledPicture], variants: Int,
    _ report: (FeatureProgress) throws(CNNError) -> Void
  ) throws(CNNError) -> FeatureSet {
    let size = Tensor.elementCount(of: key.shape)
    let (count, overflows) = size.multipliedReportingOverflow(
      by: all.count * MemoryLayout<Float>.stride)
    try MemoryBudget.require(overflows ? nil : count, for: "the features of all pictures")
    var elements: [Float] = []
    elements.reserveCapacity(size * all.count)
    var done = 0
    try report(FeatureProgress(done: 0, cached: 0, total: all.count))
    try compute(all, of: pictures) { (_, rows) throws(CNNError) in
      for row in rows { elements += row.elements.map(key.storage.rounded) }
      done += rows.count
      try report(FeatureProgress(done: done, cached: 0, total: all.count))
    }
    return FeatureSet(elements, variants: variants, key: key)
  }

  /// Computes the features of some variants, a batch at a time and in their order.
  private func compute(
    _ variants: [Variant], of pictures: [LabelledPicture],
    _ body: (ArraySlice<Variant>, [Tensor]) throws(CNNError) -> Void
  ) throws(CNNError) {
    try pipeline.run(variants) { (variant) throws(CNNError) in
      let decoded = try pictures[variant.picture].source.decode(key.decoding)
      let tensor = changes.input(
        for: decoded.pixels, preprocessing: key.preprocessing, variant: variant.variant,
        picture: variant.picture)
      return (tensor, decoded.warnings)
    } _: { (batch) throws(CNNError) in
      // No picture of a batch with a bad one is computed.
      for input in batch.inputs { _ = try input.get() }
      var rows: [Tensor] = []
      for output in batch.outputs() { rows.append(try output.get()) }
      try body(batch.sources, rows)
    }
  }

  /// Each variant of each picture, with the name that it has in the cache: its content, and what was
  /// done to it.
  private func hashed(
    _ pictures: [LabelledPicture], variants: Int
  ) throws(CNNError) -> [Variant] {
    let contents = Workers.map(count: pictures.count, threads: plan.threads) { index in
      Result { () throws(CNNError) in try pictures[index].contentHash() }
    }
    var all: [Variant] = []
    all.reserveCapacity(pictures.count * variants)
    for (index, content) in contents.enumerated() {
      let content = try content.get()
      for variant in 0..<max(variants, 1) {
        let identity = changes.identity(variant: variant, picture: index)
        let hash = identity.map { ContentHash(of: Array("\(content) \($0)".utf8)) } ?? content
        all.append(Variant(picture: index, variant: variant, hash: hash))
      }
    }
    return all
  }

  private func isWhole(_ hash: ContentHash, in file: borrowing FeatureFile) -> Bool {
    guard file.contains(hash) else { return false }
    return withUnsafeTemporaryAllocation(byteCount: key.payloadSize, alignment: 64) {
      file.read(hash, into: $0)
    }
  }
}
