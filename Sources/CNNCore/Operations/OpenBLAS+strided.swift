internal import CNNOpenBLAS

extension OpenBLAS {
  /// A row-major matrix in memory, or its transpose.
  package struct Matrix {
    /// The first element.
    package let start: UnsafePointer<Float>
    /// Elements from one row in memory to the next.
    package let stride: Int
    /// Whether the operand is the transpose of what lies in memory.
    package let isTransposed: Bool

    /// The matrix that begins at `start`.
    package init(_ start: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      self.start = start
      self.stride = stride
      isTransposed = transposed
    }

    fileprivate var order: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
  }

  /// `c = a b + beta c` for `a` `[rows, depth]`, `b` `[depth, columns]`, `c` `[rows, columns]` with
  /// `cStride` elements from row to row.
  ///
  /// May be called on several threads at once; the bits of `c` depend on the operands alone.
  package static func multiply(
    rows: Int, columns: Int, depth: Int, _ a: Matrix, _ b: Matrix, beta: Float,
    into c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    precondition(threadCount == 1, "OpenBLAS computes on the calling thread")
    cblas_sgemm(
      CblasRowMajor, a.order, b.order, blasint(rows), blasint(columns), blasint(depth), 1,
      a.start, blasint(a.stride), b.start, blasint(b.stride), beta, c, blasint(cStride))
  }
}
