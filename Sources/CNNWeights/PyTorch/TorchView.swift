internal import CNNSystem

/// Checks that a tensor stays inside of its storage.
///
/// PyTorch itself trusts these numbers in places (CVE-2026-24747, issues 109791 and 184652).
enum TorchView {
  /// The array that `tensor` describes, over `storage`, which holds exactly its elements.
  ///
  /// - Throws: `corrupt` where the tensor leaves the storage or its elements overlap.
  static func array(
    _ tensor: PickledTensor, name: String, storage: ArrayStorage, byteOrder: ByteReader.Endianness
  ) throws(CNNError) -> NamedArray {
    let elements = try elements(of: tensor, name)
    let size = tensor.storage.elementType.byteSize
    return NamedArray(
      name: name, shape: tensor.shape, elementType: tensor.storage.elementType,
      byteOrder: byteOrder, order: .strided(tensor.strides), storage: storage,
      range: elements.lowerBound * size..<elements.upperBound * size)
  }

  /// The elements of the storage from the tensor's first to its last.
  private static func elements(
    of tensor: PickledTensor, _ name: String
  ) throws(CNNError) -> Range<Int> {
    let view = tensor.storage.view
    let count = try ArrayShape.elementCount(of: tensor.shape)
    guard
      tensor.strides.count == tensor.shape.count, tensor.offset >= 0, tensor.offset <= view.count
    else { throw failure(tensor, name, "a tensor does not fit its storage") }
    let start = view.lowerBound + tensor.offset
    guard count > 0 else { return start..<start }
    guard let last = lastOffset(tensor), last < view.count - tensor.offset else {
      throw failure(tensor, name, "a tensor reaches past the end of its storage")
    }
    return start..<start + last + 1
  }

  /// Offset of the last element from the first; nil where it does not fit 64 bits, and where two
  /// elements share a place, which would let a short file announce an array of any size.
  private static func lastOffset(_ tensor: PickledTensor) -> Int? {
    let dimensions = zip(tensor.shape, tensor.strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
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

  private static func failure(
    _ tensor: PickledTensor, _ name: String, _ problem: String
  ) -> CNNError {
    CNNError(
      .weights, .corrupt, problem, at: .tensor(name.printable),
      found: "shape \(tensor.shape), strides \(tensor.strides), offset \(tensor.offset)",
      expected: "a place for each element among \(tensor.storage.view.count)")
  }
}
