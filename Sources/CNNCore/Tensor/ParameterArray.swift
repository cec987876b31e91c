public import CNNSystem

/// The values of one parameter: Float32, little-endian, row-major, beginning at any byte.
///
/// Its bytes may be those of a mapped file, which are used in place. `shape` is always the network's:
/// convolution `[O, I, kH, kW]`, linear `[out, in]`; `layout` is the order in memory, so that the
/// 411 MB of a TensorFlow fc6 need not be transposed or copied.
public struct ParameterArray: Sendable {
  /// The order of the dimensions of a linear or convolution weight in memory.
  public enum Layout: String, Sendable, Hashable {
    /// `[out, in]`, `[O, I, kH, kW]`: the weights of one output are neighbours (PyTorch, Caffe).
    case outputInput
    /// `[in, out]`, `[kH, kW, I, O]`: those of one input are neighbours (TensorFlow, Keras).
    case inputOutput
  }

  /// The shape in the network's terms.
  public let shape: [Int]
  /// The order in memory; anything but `outputInput` only for linear and convolution weights.
  public let layout: Layout
  /// The elements, four bytes each.
  public let bytes: Bytes

  /// An array over `bytes`. Precondition: the count fits the shape, and the layout the rank.
  public init(shape: [Int], layout: Layout = .outputInput, bytes: Bytes) {
    let size = Tensor.elementCount(of: shape) * MemoryLayout<Float>.stride
    requireArgument(bytes.count == size, "shape \(shape) needs \(size) bytes")
    requireArgument(
      layout == .outputInput || shape.count == 2 || shape.count == 4, "only weights have a layout")
    self.shape = shape
    self.layout = layout
    self.bytes = bytes
  }

  /// An array that shares the memory of `tensor`.
  public init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, bytes: tensor.bytes)
  }

  /// The number of elements.
  public var count: Int { bytes.count / MemoryLayout<Float>.stride }

  /// Elements between neighbours in memory along each dimension of `shape`.
  package var strides: [Int] {
    // The dimensions, beginning with the one whose neighbours are next to each other in memory.
    let fastestFirst: [Int] =
      switch (layout, shape.count) {
      case (.outputInput, _): shape.indices.reversed()
      case (.inputOutput, 4): [0, 1, 3, 2]
      case (.inputOutput, _): Array(shape.indices)
      }
    var strides = shape
    var stride = 1
    for dimension in fastestFirst {
      strides[dimension] = stride
      stride *= shape[dimension]
    }
    return strides
  }
}

extension ParameterArray {
  /// A copy, aligned and in the order of `shape`.
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

  /// Inputs and outputs that are moved together: as many elements as a cache line holds.
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

  /// Moves the weights of some inputs and outputs through a tile that fits the cache.
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
          let column = (input - part.lowerBound) * positions + position
          for output in range {
            tile[(output - range.lowerBound) * length + column] = source.loadUnaligned(
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
