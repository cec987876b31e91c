/// The largest element of each window. Padding never wins, and NaN does.
package struct MaxPool: SlidingPool {
  package let window: Window
  package init(_ window: Window) { self.window = window }

  package static let name = "maxPool"
  package var layer: Layer { .maxPool(window) }
  package var summary: String { "max pool \(window)" }

  package func callAsFunction(_ input: consuming Tensor, threads: Int = 1) -> Tensor {
    let width = input.planeExtent.width
    let cells = PoolingCells(window, input: input.planeExtent)
    return input.pooled(cells, threads: threads) { plane, rows, result in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { columnMaxima in
        guard let columnMaxima = columnMaxima.baseAddress else { return }
        // First down the columns, where neighbours in memory are taken together.
        columnMaxima.update(from: plane + rows.lowerBound * width, count: width)
        for row in rows.dropFirst() {
          let values = plane + row * width
          for column in 0..<width {
            columnMaxima[column] = larger(columnMaxima[column], values[column])
          }
        }
        for (index, columns) in cells.columns.enumerated() {
          var largest = columnMaxima[columns.lowerBound]
          for column in columns.dropFirst() { largest = larger(largest, columnMaxima[column]) }
          result[index] = largest
        }
      }
    }
  }
}

/// The larger number, or NaN where one of them is. Two plain choices, each of which is one or two
/// instructions: a combined condition would become a branch that no processor can predict.
@inline(__always)
private func larger(_ first: Float, _ second: Float) -> Float {
  let larger = second > first ? second : first
  return second == second ? larger : second
}
