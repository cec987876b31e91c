/// The cells that a pooling reads: element (y, x) of its result is computed from the input's rows
/// `rows[y]` and columns `columns[x]`, all of them inside the input and none of them empty.
package struct PoolingCells: Sendable {
  /// Input rows of each result row.
  package let rows: [Range<Int>]
  /// Input columns of each result column.
  package let columns: [Range<Int>]

  /// The parts of sliding windows that lie inside the input.
  ///
  /// Precondition: the window fits, and the padding is smaller than the kernel, so that no window
  /// lies in the padding alone.
  package init(_ window: Window, input: Extent) {
    let (edges, kernel) = (window.edges(input: input), window.kernel)
    precondition(
      max(edges.top, edges.bottom) < kernel.height && max(edges.left, edges.right) < kernel.width,
      "the padding of a pooling is smaller than its kernel")
    guard let output = window.outputExtent(input: input) else {
      preconditionFailure("a \(kernel) window does not fit a \(input) input")
    }
    func cells(_ count: Int, _ size: Int, before: Int, _ kernel: Int, _ stride: Int) -> [Range<Int>]
    {
      (0..<count).map { index in
        let begin = index * stride - before
        return max(0, begin)..<min(size, begin + kernel)
      }
    }
    rows = cells(
      output.height, input.height, before: edges.top, kernel.height, window.stride.height)
    columns = cells(
      output.width, input.width, before: edges.left, kernel.width, window.stride.width)
  }

  /// Cells that divide the input evenly; neighbours overlap where its size is no multiple of
  /// `output`. PyTorch's rule: from `floor(i * in / out)` to `ceil((i + 1) * in / out)`.
  package init(adaptive output: Extent, input: Extent) {
    precondition(output.height > 0 && output.width > 0, "an output size is positive")
    precondition(input.height > 0 && input.width > 0, "an input size is positive")
    func cells(_ count: Int, _ size: Int) -> [Range<Int>] {
      (0..<count).map { index in
        (index * size / count)..<(((index + 1) * size + count - 1) / count)
      }
    }
    rows = cells(output.height, input.height)
    columns = cells(output.width, input.width)
  }
}

extension Tensor {
  /// Pools each plane of `[N, C, H, W]`: `reduce` writes one row of the result, given the plane and
  /// the input rows of its cells.
  func pooled(
    _ cells: PoolingCells, threads: Int,
    _ reduce:
      @Sendable (
        _ plane: UnsafePointer<Float>, _ rows: Range<Int>, _ result: UnsafeMutablePointer<Float>
      ) -> Void
  ) -> Tensor {
    let extent = Extent(height: cells.rows.count, width: cells.columns.count)
    return mappingPlanes(to: extent, threads: threads) { source, target, _ in
      for (index, rows) in cells.rows.enumerated() {
        reduce(source, rows, target + index * extent.width)
      }
    }
  }

  /// The mean of each cell, summed in double precision: a cell may be a whole feature map.
  func meanPooled(_ cells: PoolingCells, threads: Int) -> Tensor {
    let width = planeExtent.width
    return pooled(cells, threads: threads) { plane, rows, result in
      for (index, columns) in cells.columns.enumerated() {
        var sum = 0.0
        for row in rows {
          for column in columns { sum += Double(plane[row * width + column]) }
        }
        result[index] = Float(sum / Double(rows.count * columns.count))
      }
    }
  }
}
