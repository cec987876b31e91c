internal import CNNCore
internal import CNNSystem

/// The weight of a linear layer in training, and the three products of a training step with it.
///
/// With inputs X `[N, in]`, results Y `[N, out]` and the weight W `[out, in]`:
///
/// - Forward, `Y = X W^T + bias`. In front of dropout, results that will be dropped are not computed:
///   `MaskedLinearForward`, whose work units are `MaskedOutputs` times `InputChunks`. Otherwise the
///   dense product, `forward` below.
/// - The gradient of the input, `dX = dY W`. Behind ReLU and dropout most of `dY` is zero:
///   `SparseInputGradient`, over the lists of `SparseGradient` (in Optimization). Otherwise `inputGradient` below.
/// - The gradient of the weight, `dW = dY^T X`, is never stored as a whole: `LinearUpdate` (in
///   Optimization) computes it panel by panel, over the lists of `SparseGradient` where it is sparse,
///   and applies each panel with the step of the optimiser.
///
/// Dense products are those of OpenBLAS; the others are kernels of CNNKernels (`cnn_training.h`),
/// which `KernelSet.blas` does not use. Every sum has one order, so no result depends on the threads.
struct LinearWeight: Sendable {
  /// The elements in memory of our own, `[out, in]` or `[in, out]`, as `layout` says.
  let values: Tensor
  let layout: ParameterArray.Layout

  /// Elements of a result row.
  var outputs: Int { layout == .outputInput ? values.shape[0] : values.shape[1] }
  /// Elements of an input row.
  var inputs: Int { layout == .outputInput ? values.shape[1] : values.shape[0] }
}

extension LinearWeight {
  /// Columns of a result in a work unit. The width is fixed, so that the bits of a product do not
  /// depend on the number of threads.
  private static let tile = 256

  /// `x W^T + bias`: input `[N, in]`, bias `[out]`, result `[N, out]`.
  func forward(_ input: Tensor, bias: Tensor, threads: Int) -> Tensor {
    let product = product(input, from: inputs, to: outputs, transposes: true, threads: threads)
    return adding(bias, to: product, threads: threads)
  }

  /// The gradient of the input, `dY W`: gradient of the result `[N, out]`, gradient `[N, in]`.
  func inputGradient(_ outputGradient: Tensor, kernels: KernelSet, threads: Int) -> Tensor {
    if let sparse = SparseInputGradient(
      self, outputGradient: outputGradient, kernels: kernels, threads: threads)
    {
      return sparse(threads: threads)
    }
    return product(
      outputGradient, from: outputs, to: inputs, transposes: false, threads: threads)
  }

  /// `a M` where M `[depth, columns]` is W^T or W.
  private func product(
    _ a: Tensor, from depth: Int, to columns: Int, transposes: Bool, threads: Int
  ) -> Tensor {
    precondition(a.shape.count == 2 && a.shape[1] == depth, "the operand is [N, \(depth)]")
    let rows = a.shape[0]
    // Whether M lies in memory with its columns as rows.
    let isTransposed = transposes == (layout == .outputInput)
    let stride = values.shape[1]
    return Tensor(uninitialized: [rows, columns]) { elements in
      // The tiles are disjoint, and all threads have ended before the elements are seen.
      nonisolated(unsafe) let target = elements
      Workers.forEach(count: (columns + Self.tile - 1) / Self.tile, threads: threads) { number in
        let range = (number * Self.tile)..<min(columns, (number + 1) * Self.tile)
        a.withUnsafeElements { a in
          values.withUnsafeElements { weight in
            guard let a = a.baseAddress, let weight = weight.baseAddress,
              let target = target.baseAddress
            else { return }
            let matrix = weight + range.lowerBound * (isTransposed ? stride : 1)
            OpenBLAS.multiply(
              rows: rows, columns: range.count, depth: depth, .init(a, stride: depth),
              .init(matrix, stride: stride, transposed: isTransposed), beta: 0,
              into: target + range.lowerBound, cStride: columns)
          }
        }
      }
    }
  }

  private func adding(_ bias: Tensor, to product: consuming Tensor, threads: Int) -> Tensor {
    var result = product
    let (rows, columns) = (result.shape[0], result.shape[1])
    result.withUnsafeMutableElements { elements in
      // The rows are disjoint, and all threads have ended before anybody else reads.
      nonisolated(unsafe) let elements = elements
      Workers.forEach(count: rows, threads: threads) { row in
        bias.withUnsafeElements { bias in
          for column in 0..<columns { elements[row * columns + column] += bias[column] }
        }
      }
    }
    return result
  }
}
