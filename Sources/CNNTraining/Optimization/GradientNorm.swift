internal import CNNCore
internal import CNNSystem

extension ParameterGradients {
  /// The root of the sum of the squares of all gradients; those of linear weights are never computed.
  package func norm(threads: Int) -> Double {
    entries.reduce(0) { sum, entry in
      switch entry.gradient {
      case .dense(let tensor): sum + tensor.squaredSum
      case .outerProduct(let product): sum + product.squaredSum(threads: threads)
      }
    }.squareRoot()
  }

  /// Whether every element is finite; of a product, every element of its factors.
  package var areFinite: Bool {
    entries.allSatisfy { entry in
      switch entry.gradient {
      case .dense(let tensor): tensor.squaredSum.isFinite
      case .outerProduct(let product):
        product.outputs.squaredSum.isFinite && product.inputs.squaredSum.isFinite
      }
    }
  }
}

extension Tensor {
  /// The sum of the squares of all elements, in double precision.
  var squaredSum: Double {
    withUnsafeElements { elements in
      // The sum has the same bits with all kernels.
      let sum = KernelSet.automatic.trainingTable.pointee.squared_sum
      guard let start = elements.baseAddress, let sum else { return 0 }
      return sum(start, elements.count)
    }
  }
}

extension OuterProduct {
  /// The sum of the squares of the product `dY^T X` without the product: the trace of
  /// `X^T dY dY^T X` is `sum of (dY dY^T) * (X X^T)`, element by element, of two small matrices
  /// `[N, N]`.
  func squaredSum(threads: Int) -> Double {
    zip(outputs.gramMatrix(threads: threads), inputs.gramMatrix(threads: threads))
      .reduce(0) { $0 + $1.0 * $1.1 }
  }
}

extension Tensor {
  /// `A A^T` of a matrix `[N, F]`. Products over 512 columns are computed in Float32, with an error
  /// below 512 * 2^-24 (3e-5) of the sum of their magnitudes, and added up in double precision, in
  /// order: the terms of the trace above cancel where pictures disagree.
  fileprivate func gramMatrix(threads: Int) -> [Double] {
    let (rows, columns) = (shape[0], shape[1])
    let depth = 512
    // Work units have a fixed number of rows, so that the bits do not depend on the threads.
    let height = 32
    let units = Workers.map(count: (rows + height - 1) / height, threads: threads) { number in
      let range = (number * height)..<min(rows, (number + 1) * height)
      var sums = [Double](repeating: 0, count: range.count * rows)
      var part = [Float](repeating: 0, count: range.count * rows)
      withUnsafeElements { elements in
        guard let start = elements.baseAddress else { return }
        for first in stride(from: 0, to: columns, by: depth) {
          part.withUnsafeMutableBufferPointer { part in
            guard let target = part.baseAddress else { return }
            OpenBLAS.multiply(
              rows: range.count, columns: rows, depth: min(depth, columns - first),
              .init(start + range.lowerBound * columns + first, stride: columns),
              .init(start + first, stride: columns, transposed: true),
              beta: 0, into: target, cStride: rows)
          }
          for index in 0..<sums.count { sums[index] += Double(part[index]) }
        }
      }
      return sums
    }
    return units.flatMap(\.self)
  }
}
