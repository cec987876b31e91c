public import CNNSystem

extension ParameterArray {
  /// A copy in memory of our own, aligned and in the order of `shape`.
  ///
  /// - Parameter threads: how many may copy at once.
  public func tensor(threads: Int = Workers.defaultCount) -> Tensor {
    Tensor(uninitialized: shape) { target in
      bytes.withUnsafeBytes { source in
        switch layout {
        case .outputInput: UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
        case .inputOutput: transpose(source, to: target, threads: threads)
        }
      }
    }
  }

  /// Inputs and outputs that are moved together: as many numbers as a cache line holds.
  private static let block = 16

  /// `[kH, kW, I, O]` to `[O, I, kH, kW]`.
  private func transpose(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>, threads: Int
  ) {
    // Each block of outputs writes its own part of the target.
    nonisolated(unsafe) let (target, source) = (target, source)
    let (outputs, inputs) = (shape[0], shape[1])
    Workers.forEach(count: (outputs + Self.block - 1) / Self.block, threads: threads) { number in
      let range = (number * Self.block)..<min(outputs, (number + 1) * Self.block)
      for first in stride(from: 0, to: inputs, by: Self.block) {
        transpose(source, first..<min(first + Self.block, inputs), range, to: target)
      }
    }
  }

  /// Moves the weights of some inputs and outputs, by way of a tile that stays in the cache.
  private func transpose(
    _ source: UnsafeRawBufferPointer, _ part: Range<Int>, _ range: Range<Int>,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    let (outputs, inputs) = (shape[0], shape[1])
    let positions = shape.dropFirst(2).reduce(1, *)
    let length = part.count * positions
    withUnsafeTemporaryAllocation(of: Float.self, capacity: length * range.count) { tile in
      for position in 0..<positions {
        for input in part {
          let row = (position * inputs + input) * outputs
          let place = (input - part.lowerBound) * positions + position
          for output in range {
            tile[(output - range.lowerBound) * length + place] = source.loadUnaligned(
              fromByteOffset: (row + output) * MemoryLayout<Float>.stride, as: Float.self)
          }
        }
      }
      for output in range {
        let start = (output * inputs + part.lowerBound) * positions
        let row = (output - range.lowerBound) * length
        _ = UnsafeMutableBufferPointer(rebasing: target[start..<(start + length)])
          .update(fromContentsOf: tile[row..<(row + length)])
      }
    }
  }
}
