internal import CNNSystem

/// The elements of one or more tensors, as a pickle refers to them.
struct TorchStorage: Sendable, Hashable {
  /// What a storage class such as `torch.FloatStorage` holds.
  struct Kind: Sendable, Hashable {
    /// Bytes of one element.
    let byteSize: Int
    /// The type of the elements; nil where they are complex, quantised or packed, which no network
    /// of this package uses.
    let elementType: ElementType?
    /// Whether the elements are integers that mean other numbers, by a scale that is stored elsewhere.
    var isQuantised = false
  }

  /// The name under which the file stores the elements.
  var key: String
  var kind: Kind
  /// Elements in the file.
  var count: Int
  /// The elements that the tensors may use: all, except for views in files of PyTorch before 0.4.
  var view: Range<Int>
}

/// A tensor, as a pickle describes it.
struct TorchTensor: Sendable {
  var storage: TorchStorage
  var elementType: ElementType
  /// Offset of the first element from the start of the storage's view, in elements.
  var offset: Int
  var shape: [Int]
  /// Steps between neighbours along each dimension, in elements.
  var strides: [Int]
}

// MARK: Checks

extension TorchTensor {
  /// The array that the tensor describes, over `bytes`, which hold exactly the elements of its
  /// storage.
  ///
  /// PyTorch itself trusts offsets, shapes and strides in places (CVE-2026-24747, issues 109791 and
  /// 184652).
  ///
  /// - Throws: `corrupt` where the tensor leaves the storage or its elements overlap.
  func array(
    name: String, in bytes: ArrayStorage, byteOrder: ByteReader.Endianness
  ) throws(CNNError) -> NamedArray {
    let elements = try elements(name)
    let size = elementType.byteSize
    return NamedArray(
      name: name, shape: shape, elementType: elementType, byteOrder: byteOrder,
      order: .strided(strides), storage: bytes,
      range: elements.lowerBound * size..<elements.upperBound * size)
  }

  /// The elements of the storage from the tensor's first to its last.
  private func elements(_ name: String) throws(CNNError) -> Range<Int> {
    let view = storage.view
    let count = try ArrayShape.elementCount(of: shape)
    guard strides.count == shape.count, offset >= 0, offset <= view.count else {
      throw failure(name, "a tensor does not fit its storage")
    }
    let start = view.lowerBound + offset
    guard count > 0 else { return start..<start }
    guard let last = lastOffset, last < view.count - offset else {
      throw failure(name, "a tensor reaches past the end of its storage")
    }
    return start..<start + last + 1
  }

  /// Offset of the last element from the first; nil where it does not fit 64 bits, and where two
  /// elements share a position, which would let a short file announce an array of any size.
  private var lastOffset: Int? {
    let dimensions = zip(shape, strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var last = 0
    for (size, stride) in dimensions {
      guard stride > last else { return nil }
      let (extent, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(extent)
      guard !overflow, !carry else { return nil }
      last = sum
    }
    return last
  }

  private func failure(_ name: String, _ problem: String) -> CNNError {
    CNNError(
      .weights, .corrupt, problem, at: .tensor(name.printable),
      found: "shape \(shape), strides \(strides), offset \(offset)",
      expected: "a position for each element among \(storage.view.count)")
  }
}
