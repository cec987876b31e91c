internal import CNNCore
internal import CNNSystem

/// The inputs `[N, in]` of a linear layer as `[stretches, N, depth]`, filled up with zeros to whole
/// vectors.
struct PackedStretches: Sendable {
  /// Inputs of a stretch: enough products between two sums over the lanes of a vector.
  static let depth = 512
  /// Floats from row to row: rows whose addresses differ by powers of 2 would get in each other's
  /// way in the cache.
  static let rowStride = depth + 16

  private let count: Int
  private let inputs: Int
  private let values: Tensor

  init(_ input: Tensor, threads: Int) {
    let (count, inputs) = (input.shape[0], input.shape[1])
    let stretches = (inputs + Self.depth - 1) / Self.depth
    values = Tensor(uninitialized: [stretches, count, Self.rowStride]) { elements in
      // Each stretch belongs to one thread.
      nonisolated(unsafe) let elements = elements
      Workers.forEach(count: stretches, threads: threads) { stretch in
        input.withUnsafeElements { source in
          guard let source = source.baseAddress, let target = elements.baseAddress else { return }
          let columns = min(Self.depth, inputs - stretch * Self.depth)
          for picture in 0..<count {
            let row = target + (stretch * count + picture) * Self.rowStride
            row.update(from: source + picture * inputs + stretch * Self.depth, count: columns)
            (row + columns).update(repeating: 0, count: Self.rowStride - columns)
          }
        }
      }
    }
    self.count = count
    self.inputs = inputs
  }

  /// The columns of each stretch in order, and its rows.
  func forEach(_ body: (_ columns: Range<Int>, _ rows: UnsafePointer<Float>) -> Void) {
    values.withUnsafeElements { values in
      guard let values = values.baseAddress else { return }
      for (stretch, first) in stride(from: 0, to: inputs, by: Self.depth).enumerated() {
        body(
          first..<min(inputs, first + Self.depth), values + stretch * count * Self.rowStride)
      }
    }
  }
}
