internal import CNNCore
internal import CNNSystem

/// The gradient of the input of a linear layer, `dY W`, where most of `dY` is zero: behind dropout
/// and ReLU. Products with zeros are not computed.
///
/// A work unit is 96 inputs of all pictures. Its sums go over the outputs in the order of
/// `SparseGradient`, which follows from the gradient alone, so the bits do not depend on the threads.
struct SparseInputGradient: Sendable {
  private static let width = SparseGradient.blockWidth

  private let weight: LinearWeight
  private let gradient: SparseGradient
  private let count: Int

  /// The gradient `[N, out]` of the layer's result, or nil where a dense product is faster.
  init?(
    _ weight: LinearWeight, outputGradient: Tensor, kernels: KernelSet, threads: Int
  ) {
    guard weight.layout == .outputInput,
      let gradient = SparseGradient(
        outputGradient, .rows, bandHeight: Self.height(outputGradient.shape[0]), kernels: kernels,
        threads: threads)
    else { return nil }
    self.weight = weight
    self.gradient = gradient
    count = outputGradient.shape[0]
  }

  /// The gradient of the input, `[N, in]`.
  func callAsFunction(threads: Int) -> Tensor {
    let inputs = weight.inputs
    let units = (inputs + Self.width - 1) / Self.width
    return Tensor(uninitialized: [count, inputs]) { elements in
      // Each unit writes columns of its own.
      nonisolated(unsafe) let result = elements
      Workers.forEachRange(count: units, threads: threads) { range in
        let row = Self.width * MemoryLayout<Float>.stride
        let packed = Memory(byteCount: (gradient.chunks.map(\.count).max() ?? 0) * row)
        let sums = Memory(byteCount: Self.height(count) * row)
        let block = packed.base.assumingMemoryBound(to: Float.self)
        let tile = sums.base.assumingMemoryBound(to: Float.self)
        for unit in range {
          let columns = (unit * Self.width)..<min(inputs, (unit + 1) * Self.width)
          for (chunk, outputs) in gradient.chunks.enumerated() {
            pack(outputs, columns, into: block)
            gradient.multiply(
              band: 0, chunk: chunk, by: block, into: tile, sumsStride: Self.width)
          }
          guard let result = result.baseAddress else { return }
          for picture in 0..<count {
            (result + picture * inputs + columns.lowerBound).update(
              from: tile + picture * Self.width, count: columns.count)
          }
        }
      }
    }
  }

  /// Rows of the sums of `count` pictures: whole sets.
  private static func height(_ count: Int) -> Int {
    (count + SparseGradient.setSize - 1) / SparseGradient.setSize * SparseGradient.setSize
  }

  /// Copies some rows and columns of the weight to `[rows, 96]`, filled up with zeros.
  private func pack(
    _ outputs: Range<Int>, _ columns: Range<Int>, into block: UnsafeMutablePointer<Float>
  ) {
    weight.values.withUnsafeElements { elements in
      guard let source = elements.baseAddress else { return }
      var row = block
      for output in outputs {
        row.copy(
          source + output * weight.inputs + columns.lowerBound, count: columns.count,
          paddedTo: Self.width)
        row += Self.width
      }
    }
  }
}
