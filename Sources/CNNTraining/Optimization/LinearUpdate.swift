internal import CNNCore
internal import CNNKernels
internal import CNNSystem

/// The gradient of a linear weight, formed and applied panel by panel.
///
/// A panel is some outputs of some inputs. Its gradient is the product of two small matrices and
/// stays in the level 2 cache until it has been applied: weights and moments are read and written
/// once, and the gradient is never written to memory. A work unit is one range of inputs with all
/// outputs; the sum over the pictures of each element is computed by one unit, in an order that
/// follows from the gradient alone, so the bits do not depend on the number of threads.
struct LinearUpdate: Sendable {
  /// Columns of a packed block of inputs.
  private static let blockWidth = SparseGradient.blockWidth
  /// Inputs of a panel, and outputs of a panel: 96 KiB of gradient beside 384 KiB of packed
  /// inputs at 256 pictures.
  private static let (width, height) = (4 * blockWidth, 64)

  private let product: OuterProduct
  private let layout: ParameterArray.Layout
  /// Whether the sum of the squares of the gradient is computed.
  private let measures: Bool
  private let kernels: KernelSet

  /// The update by a product, of weights that lie in memory in `layout`.
  init(
    _ product: OuterProduct, layout: ParameterArray.Layout, measures: Bool, kernels: KernelSet
  ) {
    self.product = product
    self.layout = layout
    self.measures = measures
    self.kernels = kernels
  }

  private var pictures: Int { product.inputs.shape[0] }
  private var inputs: Int { product.inputs.shape[1] }
  private var outputs: Int { product.outputs.shape[1] }

  /// Applies the gradient to all weights; returns the sum of its squares, or 0.
  func run(_ target: UpdateTarget, threads: Int) -> Double {
    let sparse = SparseGradient(
      product.outputs, .columns, bandHeight: Self.height, kernels: kernels, threads: threads)
    let units = (inputs + Self.width - 1) / Self.width
    var squares = [Double](repeating: 0, count: units)
    squares.withUnsafeMutableBufferPointer { squares in
      // Each unit writes its own element.
      nonisolated(unsafe) let squares = squares
      Workers.forEachRange(count: units, threads: threads) { range in
        let panel = Panel(pictures: pictures, width: Self.width, height: Self.height)
        for unit in range {
          let columns = (unit * Self.width)..<min(inputs, (unit + 1) * Self.width)
          squares[unit] = apply(columns, sparse, panel, target)
        }
      }
    }
    return squares.reduce(0, +)
  }

  /// Memory of one thread.
  private struct Panel {
    /// Inputs as blocks `[N, 96]`, one after the other.
    let packed: Memory
    /// The gradient `[height, width]`.
    let gradient: Memory
    /// The gradient `[width, height]`, for weights `[in, out]`.
    let transposed: Memory

    init(pictures: Int, width: Int, height: Int) {
      let float = MemoryLayout<Float>.stride
      packed = Memory(byteCount: pictures * width * float)
      gradient = Memory(byteCount: height * width * float)
      transposed = Memory(byteCount: height * width * float)
    }
  }

  private func apply(
    _ columns: Range<Int>, _ sparse: SparseGradient?, _ panel: Panel, _ target: UpdateTarget
  ) -> Double {
    let gradient = panel.gradient.base.assumingMemoryBound(to: Float.self)
    if sparse != nil { pack(columns, into: panel) }
    var squares = 0.0
    for first in stride(from: 0, to: outputs, by: Self.height) {
      let rows = first..<min(outputs, first + Self.height)
      if let sparse {
        multiply(rows, sparse, columns, panel, target)
      } else {
        multiply(rows, columns, into: gradient)
      }
      switch layout {
      case .outputInput:
        squares += apply(rows: rows, columns: columns, gradient, target, rowLength: inputs)
      case .inputOutput:
        let transposed = panel.transposed.base.assumingMemoryBound(to: Float.self)
        transpose(gradient, rows: rows.count, columns: columns.count, into: transposed)
        squares += apply(rows: columns, columns: rows, transposed, target, rowLength: outputs)
      }
    }
    return squares
  }

  /// Copies the inputs `columns` into blocks of 96; a short last block is filled with zeros.
  private func pack(_ columns: Range<Int>, into panel: Panel) {
    let target = panel.packed.base.assumingMemoryBound(to: Float.self)
    product.inputs.withUnsafeElements { elements in
      guard let source = elements.baseAddress else { return }
      for (number, first) in stride(
        from: columns.lowerBound, to: columns.upperBound, by: Self.blockWidth
      )
      .enumerated() {
        let count = min(Self.blockWidth, columns.upperBound - first)
        let block = target + number * pictures * Self.blockWidth
        for picture in 0..<pictures {
          let row = block + picture * Self.blockWidth
          row.copy(source + picture * inputs + first, count: count, paddedTo: Self.blockWidth)
        }
      }
    }
  }

  private func multiply(
    _ rows: Range<Int>, _ sparse: SparseGradient, _ columns: Range<Int>, _ panel: Panel,
    _ target: UpdateTarget
  ) {
    let gradient = panel.gradient.base.assumingMemoryBound(to: Float.self)
    let packed = panel.packed.base.assumingMemoryBound(to: Float.self)
    let blocks = (columns.count + Self.blockWidth - 1) / Self.blockWidth
    for block in 0..<blocks {
      let column = columns.lowerBound + block * Self.blockWidth
      for (chunk, part) in sparse.chunks.enumerated() {
        sparse.multiply(
          band: rows.lowerBound / Self.height, chunk: chunk,
          by: packed + (block * pictures + part.lowerBound) * Self.blockWidth,
          into: gradient + block * Self.blockWidth, sumsStride: Self.width,
          prefetch: prefetch(rows, column, target))
      }
    }
  }

  /// What will be changed by the block of the panel that begins at input `column`: it is requested
  /// from memory while the product is computed.
  private func prefetch(
    _ rows: Range<Int>, _ column: Int, _ target: UpdateTarget
  ) -> SparseGradient.Prefetch {
    let whole = layout == .outputInput && column + Self.blockWidth <= inputs
    func lines(_ start: UnsafeMutablePointer<Float>?) -> cnn_prefetch {
      cnn_prefetch(
        start: whole ? start.map { UnsafePointer($0) + rows.lowerBound * inputs + column } : nil,
        stride: inputs, lines: Int32(Self.blockWidth / 16))
    }
    return SparseGradient.Prefetch(weights: lines(target.weights), moments: lines(target.first))
  }

  private func multiply(
    _ rows: Range<Int>, _ columns: Range<Int>, into gradient: UnsafeMutablePointer<Float>
  ) {
    product.outputs.withUnsafeElements { left in
      product.inputs.withUnsafeElements { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        OpenBLAS.multiply(
          rows: rows.count, columns: columns.count, depth: pictures,
          .init(left + rows.lowerBound, stride: outputs, transposed: true),
          .init(right + columns.lowerBound, stride: inputs),
          beta: 0, into: gradient, cStride: Self.width)
      }
    }
  }

  /// Applies a panel, whose rows lie `width` (or `height`, transposed) elements apart, to rows of the
  /// weights.
  private func apply(
    rows: Range<Int>, columns: Range<Int>, _ gradient: UnsafePointer<Float>,
    _ target: UpdateTarget, rowLength: Int
  ) -> Double {
    var squares = 0.0
    let stride = layout == .outputInput ? Self.width : Self.height
    for (index, row) in rows.enumerated() {
      let values = gradient + index * stride
      if measures { squares += kernels.trainingTable.pointee.squared_sum(values, columns.count) }
      target.apply(values, at: row * rowLength + columns.lowerBound, count: columns.count)
    }
    return squares
  }

  /// Writes `[columns, rows]`, rows `height` elements apart, in squares of 8x8: the cache lines of a
  /// square are read and written while they lie in the level 1 cache.
  private func transpose(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let side = 8
    for firstRow in stride(from: 0, to: rows, by: side) {
      for firstColumn in stride(from: 0, to: columns, by: side) {
        for column in firstColumn..<min(columns, firstColumn + side) {
          for row in firstRow..<min(rows, firstRow + side) {
            target[column * Self.height + row] = source[row * Self.width + column]
          }
        }
      }
    }
  }
}
