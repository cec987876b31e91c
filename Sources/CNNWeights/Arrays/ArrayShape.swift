internal import CNNSystem

/// Checked arithmetic on the shapes that files announce.
enum ArrayShape {
  /// The most dimensions of an array; NumPy 1 has the same limit.
  static let maximumRank = 32

  /// The number of elements of an array of `shape`.
  ///
  /// - Throws: `corrupt` for a negative dimension or a product beyond `Int`, even where a later zero
  ///   makes it zero, and `tooLarge` for too many dimensions.
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

  /// The bytes of an array of `shape` without gaps, whose elements have `elementSize` bytes each. Throws like `elementCount(of:)`.
  static func byteCount(of shape: [Int], elementSize: Int) throws(CNNError) -> Int {
    let (bytes, overflow) = try elementCount(of: shape)
      .multipliedReportingOverflow(by: elementSize)
    guard !overflow else { throw impossible(shape) }
    return bytes
  }

  /// The indices of the element at `index` in row-major order: `[1, 2]` for 6 in a shape `[3, 4]`.
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
