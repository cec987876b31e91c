internal import CNNCore
internal import CNNSystem

/// Turns arrays of a file into parameters: verified, finite, and in the order the network wants.
///
/// Only convolution weights are ever moved; they are small. Linear weights stay where they lie.
struct ParameterLoader: Sendable {
  let layout: WeightsLayout
  let allowsNonFinite: Bool

  /// Arrays above this size are read one after the other by all threads, smaller ones side by side.
  private static let largeByteCount = 8 << 20

  /// The parameters of `entries` by our names. Precondition: every entry has its array.
  func load(
    _ entries: [WeightsFit.Entry], from arrays: NamedArrays
  ) throws(CNNError) -> [String: ParameterArray] {
    let sources = entries.map { entry in
      guard let array = arrays[entry.fileName] else {
        preconditionFailure("\(entry.fileName) was there when the fit was checked")
      }
      return (entry, array)
    }
    let threads = Workers.defaultCount
    let isLarge = sources.map { $0.1.byteCount > Self.largeByteCount }
    var results = Workers.map(count: sources.count, threads: threads) { index in
      isLarge[index] ? nil : Result { () throws(CNNError) in try load(sources[index], threads: 1) }
    }
    for index in sources.indices where isLarge[index] {
      results[index] = .success(try load(sources[index], threads: threads))
    }
    var parameters: [String: ParameterArray] = [:]
    for (source, result) in zip(sources, results) {
      parameters[source.0.parameter.name] = try result?.get()
    }
    return parameters
  }

  private func load(
    _ source: (entry: WeightsFit.Entry, array: NamedArray), threads: Int
  ) throws(CNNError) -> ParameterArray {
    let (entry, array) = source
    let parameter = entry.parameter
    let bytes =
      try allowsNonFinite ? array.floats(threads: threads) : array.finiteFloats(threads: threads)
    let shape = parameter.shape
    switch (parameter.role, shape.count) {
    case (.weight, 4) where layout.convolutionOrder == .heightWidthInputOutput:
      return ParameterArray(convolutionWeight(bytes, shape: shape, threads: threads))
    case (.weight, 2):
      return ParameterArray(shape: shape, layout: entry.linearLayout, bytes: bytes)
    default:
      return ParameterArray(shape: shape, bytes: bytes)
    }
  }

  /// `[kH, kW, I, O]` to `[O, I, kH, kW]`.
  private func convolutionWeight(_ bytes: Bytes, shape: [Int], threads: Int) -> Tensor {
    let (outputs, inputs, positions) = (shape[0], shape[1], shape[2] * shape[3])
    return Tensor(uninitialized: shape) { target in
      bytes.withUnsafeBytes { source in
        // Each block of outputs writes its own part of the target.
        nonisolated(unsafe) let (target, source) = (target, source)
        Workers.forEach(count: (outputs + Self.block - 1) / Self.block, threads: threads) {
          number in
          let range = (number * Self.block)..<min(outputs, (number + 1) * Self.block)
          for first in stride(from: 0, to: inputs, by: Self.block) {
            let part = first..<min(first + Self.block, inputs)
            Self.transpose(
              source, inputs: inputs, outputs: outputs, positions: positions, part, range,
              to: target)
          }
        }
      }
    }
  }

  /// Inputs and outputs that are moved together: as many numbers as a cache line holds.
  private static let block = 16

  /// Moves the weights of some inputs and outputs, by way of a tile that stays in the cache.
  private static func transpose(
    _ source: UnsafeRawBufferPointer, inputs: Int, outputs: Int, positions: Int,
    _ part: Range<Int>, _ range: Range<Int>, to target: UnsafeMutableBufferPointer<Float>
  ) {
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
