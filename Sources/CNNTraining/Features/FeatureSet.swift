package import CNNCore
package import CNNSystem

/// The features of a data set: rows of any order, a batch at a time.
package final class FeatureSet: Sendable {
  /// Shape of the features of one picture.
  package let shape: [Int]
  /// Variants of each picture; variant 0 is the picture itself.
  package let variants: Int
  /// Where they are.
  private let rows: any FeatureRows

  /// Features in a file of the cache, each under its hash: `variants` of them for each picture.
  init(
    file: consuming FeatureFile, hashes: [ContentHash], variants: Int, key: FeatureKey
  ) {
    shape = key.shape
    self.variants = variants
    rows = StoredRows(file: file, hashes: hashes, storage: key.storage)
  }

  /// Features in memory, one after another, `variants` of them for each picture.
  init(_ elements: [Float], variants: Int, key: FeatureKey) {
    shape = key.shape
    self.variants = variants
    rows = RowsInMemory(elements: elements, size: Tensor.elementCount(of: key.shape))
  }

  /// The features of some pictures, each in one of its variants.
  ///
  /// - Parameter rows: position of the picture in its data set, and variant.
  /// - Returns: `[rows] + shape`.
  /// - Throws: `corrupt` where the cache was damaged since it was checked.
  package func batch(_ rows: [(picture: Int, variant: Int)]) throws(CNNError) -> Tensor {
    let size = Tensor.elementCount(of: shape)
    return try Tensor(uninitialized: [rows.count] + shape) { (target) throws(CNNError) in
      for (index, row) in rows.enumerated() {
        try self.rows.read(
          row.picture * variants + row.variant,
          into: UnsafeMutableBufferPointer(
            rebasing: target[(index * size)..<((index + 1) * size)]))
      }
    }
  }
}

/// Where the rows of a set of features are.
private protocol FeatureRows: Sendable {
  func read(_ row: Int, into elements: UnsafeMutableBufferPointer<Float>) throws(CNNError)
}

private struct RowsInMemory: FeatureRows {
  let elements: [Float]
  let size: Int

  func read(_ row: Int, into target: UnsafeMutableBufferPointer<Float>) {
    _ = target.update(fromContentsOf: elements[(row * size)..<((row + 1) * size)])
  }
}

private final class StoredRows: FeatureRows {
  private let file: FeatureFile
  private let hashes: [ContentHash]
  private let storage: FeatureKey.Storage

  init(file: consuming FeatureFile, hashes: [ContentHash], storage: FeatureKey.Storage) {
    self.file = file
    self.hashes = hashes
    self.storage = storage
  }

  func read(_ row: Int, into elements: UnsafeMutableBufferPointer<Float>) throws(CNNError) {
    guard file.read(hashes[row], storage, into: elements) else {
      throw CNNError(
        .output, .corrupt, "a cached feature was damaged while it was in use",
        subject: file.path.displayName, remedy: "Start again: it will be computed anew")
    }
  }
}

extension FeatureFile {
  /// Reads the features of `key` as Float32; false where there are none or they are damaged.
  func read(
    _ key: ContentHash, _ storage: FeatureKey.Storage,
    into elements: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    switch storage {
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
    _ key: ContentHash, _ storage: FeatureKey.Storage,
    _ elements: UnsafeBufferPointer<Float>
  ) throws(CNNError) {
    switch storage {
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

extension FeatureKey.Storage {
  /// The element as it is after it was stored and read again.
  func rounded(_ element: Float) -> Float {
    switch self {
    case .float32: element
    case .float16: HalfPrecision.float(HalfPrecision.half(element))
    }
  }
}
