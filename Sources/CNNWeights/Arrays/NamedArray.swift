public import CNNCore
package import CNNSystem

/// One array of a weights file: its name, shape and type, and where its elements are.
///
/// The elements are not read before `floats(threads:)`. The shape is the file's own (a TensorFlow
/// convolution is `[kH, kW, I, O]` here); binding fits names and shapes to a network.
public struct NamedArray: Sendable {
  /// The name in its file.
  public private(set) var name: String
  /// The size of each dimension, as the file gives it.
  public let shape: [Int]
  /// The type of the elements in the file.
  public let elementType: ElementType
  /// The order of the bytes of one element.
  let byteOrder: ByteReader.Endianness
  /// The order of the elements.
  let order: ElementOrder
  let storage: ArrayStorage
  let range: Range<Int>
  private(set) var file: String?

  /// An array whose elements are the bytes `range` of `storage`. Precondition: the range is inside of
  /// the storage and holds what `shape` and `order` say; the reader has checked it.
  init(
    name: String, shape: [Int], elementType: ElementType, byteOrder: ByteReader.Endianness,
    order: ElementOrder, storage: ArrayStorage, range: Range<Int>
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= storage.count, "range outside")
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.byteOrder = byteOrder
    self.order = order.simplified(for: shape)
    self.storage = storage
    self.range = range
  }

  /// An array in memory. Precondition: `floats` are Float32, little-endian, row-major, and as many
  /// as `shape` says.
  package init(name: String, shape: [Int], floats: Bytes) {
    precondition(
      floats.count == Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride,
      "\(name): shape \(shape) does not fit \(floats.count) bytes")
    self.init(
      name: name, shape: shape, elementType: .float32, byteOrder: .little, order: .rowMajor,
      storage: ArrayStorage(floats), range: 0..<floats.count)
  }

  /// An array that shares the memory of `tensor`.
  public init(name: String, _ tensor: Tensor) {
    self.init(name: name, shape: tensor.shape, floats: tensor.bytes)
  }

  /// An array that shares the memory of `parameter`, in the shape that the network gives it.
  package init(name: String, _ parameter: ParameterArray) {
    self.init(
      name: name, shape: parameter.shape, elementType: .float32, byteOrder: .little,
      order: .strided(parameter.strides),
      storage: ArrayStorage(parameter.bytes), range: 0..<parameter.bytes.count)
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The size of the elements in their own type, in bytes.
  public var byteCount: Int { count * elementType.byteSize }

  /// The same array; its errors name `file`.
  func named(after file: String) -> NamedArray {
    var copy = self
    copy.file = file
    return copy
  }

  /// The same array under another name.
  func renamed(_ name: String) -> NamedArray {
    var copy = self
    copy.name = name
    return copy
  }

  /// Whether `floats(threads:)` returns the bytes of the file and copies nothing.
  package var isUsedInPlace: Bool { hasFloatLayout && storage.isInPlace }

  /// Whether the elements are Float32, little-endian, row-major.
  var hasFloatLayout: Bool {
    elementType == .float32 && byteOrder == .little && order == .rowMajor
  }

  /// An error about this array.
  func failure(
    _ code: CNNError.Code, _ problem: String, found: String? = nil, expected: String? = nil,
    remedy: CNNError.Remedy? = nil
  ) -> CNNError {
    CNNError(
      .weights, code, problem, subject: file, at: .tensor(name.printable), found: found,
      expected: expected,
      remedy: remedy)
  }
}
