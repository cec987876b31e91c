internal import CNNOpenBLAS

/// The one door to OpenBLAS, which multiplies the matrices of the convolution.
package enum OpenBLAS {
  /// Evaluated once, before the first product: OpenBLAS computes on the calling thread alone.
  ///
  /// The parallelism is ours (`Workers`). OpenBLAS's own threads would split sums differently for
  /// each thread count, which changes the last bits of the results, and would compete with our
  /// threads for the same processors. Its thread count is global to the process, hence one place.
  private static let oneThread: Void = openblas_set_num_threads(1)

  /// Threads that OpenBLAS uses for a product.
  package static var threadCount: Int {
    _ = oneThread
    return Int(openblas_get_num_threads())
  }

  /// Ends the threads that OpenBLAS has started while it was loaded. They wait for work awake, and
  /// take a tenth of a second of a processor that is wanted for reading weights. For the begin of a
  /// program that owns its process: nobody may be inside OpenBLAS.
  package static func endThreads() {
    _ = oneThread
    cnn_openblas_end_threads()
  }

  /// `c = a b + beta c` for row-major matrices: `a` `[rows, depth]`, `b` `[depth, columns]` with
  /// `bStride` elements from row to row, `c` `[rows, columns]` with `cStride`.
  ///
  /// May be called on several threads at once; the bits of `c` depend on the operands alone.
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
