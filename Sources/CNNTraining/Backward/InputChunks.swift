internal import CNNCore
internal import CNNSystem

/// The inputs `[N, in]` of a linear layer in chunks of columns, each a whole number of vectors.
struct InputChunks: Sendable {
  /// Inputs of a chunk: 32 multiply-adds of each lane before the lanes are added up, which takes about
  /// 3 instructions for two sums. Measured.
  static let depth = 512
  /// Elements of a vector.
  static let lanes = 16

  private let inputs: Int
  /// `[N, in]` itself, or `[chunks, N, rowStride]`, filled up with zeros.
  private let values: Tensor
  /// Distance between two rows.
  let rowStride: Int
  private let chunkStride: Int

  init(_ input: Tensor, threads: Int) {
    let (count, inputs) = (input.shape[0], input.shape[1])
    self.inputs = inputs
    // Rows whose addresses differ by a multiple of a page (1024 elements) compete for the same sets of
    // the cache.
    if inputs % Self.lanes == 0, inputs % 1024 != 0 {
      (values, rowStride, chunkStride) = (input, inputs, Self.depth)
    } else {
      rowStride = Self.depth + Self.lanes
      chunkStride = count * rowStride
      values = Self.pack(input, rowStride: rowStride, threads: threads)
    }
  }

  private static func pack(_ input: Tensor, rowStride: Int, threads: Int) -> Tensor {
    let (count, inputs) = (input.shape[0], input.shape[1])
    let chunks = (inputs + depth - 1) / depth
    return Tensor(uninitialized: [chunks, count, rowStride]) { elements in
      // Each chunk is written by one thread.
      nonisolated(unsafe) let elements = elements
      Workers.forEach(count: chunks, threads: threads) { chunk in
        input.withUnsafeElements { source in
          guard let source = source.baseAddress, let target = elements.baseAddress else { return }
          let columns = min(depth, inputs - chunk * depth)
          for picture in 0..<count {
            let row = target + (chunk * count + picture) * rowStride
            row.copy(
              source + picture * inputs + chunk * depth, count: columns, paddedTo: rowStride)
          }
        }
      }
    }
  }

  /// Calls `body` with the columns of each chunk, in order, and with where they begin in the first
  /// picture's row.
  func forEach(_ body: (_ columns: Range<Int>, _ start: UnsafePointer<Float>) -> Void) {
    values.withUnsafeElements { values in
      guard let values = values.baseAddress else { return }
      for (number, first) in stride(from: 0, to: inputs, by: Self.depth).enumerated() {
        body(first..<min(inputs, first + Self.depth), values + number * chunkStride)
      }
    }
  }
}
