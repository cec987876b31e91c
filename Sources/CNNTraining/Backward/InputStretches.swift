internal import CNNCore
internal import CNNSystem

/// The inputs `[N, in]` of a linear layer in stretches of columns, each a whole number of vectors.
struct InputStretches: Sendable {
  /// Inputs of a stretch: enough products between two sums over the lanes of a vector.
  static let depth = 512
  /// Numbers of a vector.
  static let lanes = 16

  private let inputs: Int
  /// `[N, in]` itself, or `[stretches, N, rowStride]`, filled up with zeros.
  private let values: Tensor
  /// Floats from row to row.
  let rowStride: Int
  private let stretchStride: Int

  init(_ input: Tensor, threads: Int) {
    let (count, inputs) = (input.shape[0], input.shape[1])
    self.inputs = inputs
    // Rows whose addresses differ by multiples of a page get in each other's way in the cache.
    if inputs % Self.lanes == 0, inputs % 1024 != 0 {
      (values, rowStride, stretchStride) = (input, inputs, Self.depth)
    } else {
      rowStride = Self.depth + Self.lanes
      stretchStride = count * rowStride
      values = Self.pack(input, rowStride: rowStride, threads: threads)
    }
  }

  private static func pack(_ input: Tensor, rowStride: Int, threads: Int) -> Tensor {
    let (count, inputs) = (input.shape[0], input.shape[1])
    let stretches = (inputs + depth - 1) / depth
    return Tensor(uninitialized: [stretches, count, rowStride]) { elements in
      // Each stretch belongs to one thread.
      nonisolated(unsafe) let elements = elements
      Workers.forEach(count: stretches, threads: threads) { stretch in
        input.withUnsafeElements { source in
          guard let source = source.baseAddress, let target = elements.baseAddress else { return }
          let columns = min(depth, inputs - stretch * depth)
          for picture in 0..<count {
            let row = target + (stretch * count + picture) * rowStride
            row.copy(
              source + picture * inputs + stretch * depth, count: columns, paddedTo: rowStride)
          }
        }
      }
    }
  }

  /// The columns of each stretch in order, and where they begin in the first picture's row.
  func forEach(_ body: (_ columns: Range<Int>, _ start: UnsafePointer<Float>) -> Void) {
    values.withUnsafeElements { values in
      guard let values = values.baseAddress else { return }
      for (number, first) in stride(from: 0, to: inputs, by: Self.depth).enumerated() {
        body(first..<min(inputs, first + Self.depth), values + number * stretchStride)
      }
    }
  }
}
