/// The order of the elements of an array in its file.
enum ElementOrder: Sendable, Hashable {
  /// The last index varies fastest (C).
  case rowMajor
  /// The first index varies fastest (Fortran).
  case columnMajor
  /// Steps between neighbours along each dimension, counted in elements; none negative.
  case strided([Int])

  /// The steps between neighbours along each dimension of an array of `shape`, in elements.
  ///
  /// Precondition: the product of `shape` does not overflow, which `ArrayShape` has checked.
  func strides(of shape: [Int]) -> [Int] {
    switch self {
    case .strided(let strides):
      return strides
    case .rowMajor:
      return Array(Self.denseStrides(of: shape.reversed()).reversed())
    case .columnMajor:
      return Self.denseStrides(of: shape)
    }
  }

  /// `rowMajor` where this order is the same for an array of `shape`, such as the Fortran order of
  /// an array with one dimension; otherwise this order.
  func simplified(for shape: [Int]) -> ElementOrder {
    let rowMajor = ElementOrder.rowMajor.strides(of: shape)
    // The stride of a dimension of size one is never used, whatever the file says.
    let isRowMajor = zip(shape, zip(rowMajor, strides(of: shape))).allSatisfy { size, steps in
      size == 1 || steps.0 == steps.1
    }
    return isRowMajor || shape.contains(0) ? .rowMajor : self
  }

  private static func denseStrides(of fastestFirst: some Sequence<Int>) -> [Int] {
    var step = 1
    return fastestFirst.map { size in
      defer { step *= max(size, 1) }
      return step
    }
  }
}
