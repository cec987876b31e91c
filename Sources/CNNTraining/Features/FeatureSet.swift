public import CNNCore
public import CNNSystem

/// The features of a data set, on disk: rows of any order, a batch at a time.
public final class FeatureSet: Sendable {
  /// Shape of the features of one picture.
  public let shape: [Int]
  /// Variants of each picture; variant 0 is the picture itself.
  public let variants: Int
  private let file: FeatureFile
  /// The hash of each picture's variants, `variants` for each picture.
  private let hashes: [ContentHash]
  private let precision: FeatureKey.Precision

  init(
    file: consuming FeatureFile, hashes: [ContentHash], variants: Int, key: FeatureKey
  ) {
    shape = key.shape
    precision = key.precision
    self.file = file
    self.hashes = hashes
    self.variants = variants
  }

  /// The number of pictures.
  public var count: Int { hashes.count / variants }

  /// The features of some pictures, each in one of its variants.
  ///
  /// - Parameter rows: position of the picture in its data set, and variant.
  /// - Returns: `[rows] + shape`.
  /// - Throws: `corrupt` where the cache was damaged since it was checked.
  public func batch(_ rows: [(picture: Int, variant: Int)]) throws(CNNError) -> Tensor {
    let size = Tensor.elementCount(of: shape)
    return try Tensor(uninitialized: [rows.count] + shape) { (target) throws(CNNError) in
      for (index, row) in rows.enumerated() {
        let elements = UnsafeMutableBufferPointer(
          rebasing: target[(index * size)..<((index + 1) * size)])
        let hash = hashes[row.picture * variants + row.variant]
        guard file.read(hash, precision, into: elements) else {
          throw CNNError(
            .output, .corrupt, "a cached feature was damaged while it was in use",
            subject: file.path.displayName, remedy: "Start again: it will be computed anew")
        }
      }
    }
  }
}

extension FeatureFile {
  /// Reads the features of `key` as Float32; false where there are none or they are damaged.
  func read(
    _ key: ContentHash, _ precision: FeatureKey.Precision,
    into elements: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    switch precision {
    case .float32:
      return read(key, into: UnsafeMutableRawBufferPointer(elements))
    case .float16:
      return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: elements.count) { halves in
        guard read(key, into: UnsafeMutableRawBufferPointer(halves)) else { return false }
        for index in elements.indices { elements[index] = HalfPrecision.float(halves[index]) }
        return true
      }
    }
  }

  /// Appends Float32 features under `key`.
  mutating func append(
    _ key: ContentHash, _ precision: FeatureKey.Precision,
    _ elements: UnsafeBufferPointer<Float>
  ) throws(CNNError) {
    switch precision {
    case .float32:
      try append(key, UnsafeRawBufferPointer(elements))
    case .float16:
      let halves = Bytes(count: elements.count * 2) { target in
        for (index, element) in elements.enumerated() {
          target.storeBytes(
            of: HalfPrecision.half(element), toByteOffset: index * 2, as: UInt16.self)
        }
      }
      try halves.withUnsafeBytes { (buffer) throws(CNNError) in try append(key, buffer) }
    }
  }
}
