internal import CNNSystem

/// Checked arithmetic on the shapes that files announce.
enum ArrayShape {
  /// More dimensions than any file here may give an array; NumPy has the same limit.
  static let maximumRank = 32

  /// The number of elements of an array of `shape`.
  ///
  /// - Throws: `corrupt` for a negative dimension or a product beyond `Int`, also where a zero
  ///   further on would hide it, and `tooLarge` for too many dimensions.
  static func elementCount(of shape: [Int]) throws(CNNError) -> Int {
    guard shape.count <= maximumRank else {
      throw CNNError(
        .weights, .tooLarge, "an array has too many dimensions", found: "\(shape.count)",
        expected: "at most \(maximumRank)")
    }
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow else { throw impossible(shape) }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// The bytes of an array of `shape` without gaps. Throws like `elementCount(of:)`.
  static func byteCount(of shape: [Int], _ elementType: ElementType) throws(CNNError) -> Int {
    let (bytes, overflow) = try elementCount(of: shape)
      .multipliedReportingOverflow(by: elementType.byteSize)
    guard !overflow else { throw impossible(shape) }
    return bytes
  }

  /// `[3, 4]` as the indices of the element `index` in row-major order.
  static func indices(of index: Int, in shape: [Int]) -> [Int] {
    var rest = index
    return shape.reversed().map { size in
      defer { rest /= max(size, 1) }
      return rest % max(size, 1)
    }.reversed()
  }

  private static func impossible(_ shape: [Int]) -> CNNError {
    CNNError(
      .weights, .corrupt, "the shape of an array cannot be: its size does not fit 64 bits",
      found: "\(shape)")
  }
}
