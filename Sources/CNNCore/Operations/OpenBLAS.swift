internal import CNNOpenBLAS

/// All calls of OpenBLAS, which multiplies the matrices of convolutions and gradients.
package enum OpenBLAS {
  /// Evaluated once, before the first product: makes OpenBLAS compute on the calling thread.
  ///
  /// `Workers` makes all threads. Those of OpenBLAS would split sums differently for each thread
  /// count, which changes the last bits of the results, and would compete with the workers for the
  /// same processors. The setting is global to the process, so it is made here and nowhere else.
  private static let oneThread: Void = openblas_set_num_threads(1)

  /// Threads that OpenBLAS uses for a product.
  package static var threadCount: Int {
    _ = oneThread
    return Int(openblas_get_num_threads())
  }

  /// Ends the threads that OpenBLAS starts when it is loaded. They poll for work, which costs a tenth
  /// of a second of processor time just when a program reads its weights. Call it at the start of a
  /// program, while no other thread can be inside OpenBLAS.
  package static func endThreads() {
    _ = oneThread
    cnn_openblas_end_threads()
  }

  /// `c = a b + beta c` for row-major matrices: `a` `[rows, depth]`, `b` `[depth, columns]` with
  /// `bStride` elements from row to row, `c` `[rows, columns]` with `cStride`.
  ///
  /// May be called on several threads at once; the bits of `c` depend only on the operands.
  static func multiply(
    rows: Int, columns: Int, depth: Int,
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, bStride: Int,
    beta: Float, into c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    _ = oneThread
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(depth),
      1, a, blasint(depth), b, blasint(bStride), beta, c, blasint(cStride))
  }
}

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
  /// May be called on several threads at once; the bits of `c` depend only on the operands.
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
