internal import CNNSystem

/// A convolution cut into units of work: some output rows of one group of one picture.
///
/// Their size depends only on the shape of the layer. A unit is one matrix product of a fixed shape,
/// so its bits are the same on every thread and in every batch.
struct ConvolutionProduct: Sendable {
  /// Bytes of patches in a unit: about the size of a level 2 cache. With smaller units the product
  /// spends its time rearranging the weights; with larger ones the patches leave the cache before
  /// they are multiplied.
  static let patchBudget = 1 << 20

  private let convolution: ConvolutionOperation
  private let input: Tensor
  private let lowering: Im2col
  /// Units per group of a picture.
  private let tilesPerGroup: Int

  /// The product of a convolution with one batch `[N, C, H, W]`.
  init(_ convolution: ConvolutionOperation, input: Tensor) {
    self.convolution = convolution
    self.input = input
    lowering = Im2col(
      channels: convolution.weight.shape[1], input: input.planeExtent, window: convolution.window)
    let rowSize = lowering.patchSize * lowering.output.width * MemoryLayout<Float>.stride
    let rows = max(1, Self.patchBudget / max(1, rowSize))
    tilesPerGroup = (lowering.output.height + rows - 1) / rows
  }

  /// The result `[N, O, oH, oW]`.
  func callAsFunction(threads: Int) -> Tensor {
    let shape = [
      input.shape[0], convolution.weight.shape[0], lowering.output.height, lowering.output.width,
    ]
    return Tensor(uninitialized: shape) { elements in
      guard let start = elements.baseAddress else { return }
      // Each tile is written by one thread, and all threads end before the result is read.
      nonisolated(unsafe) let result = start
      Workers.forEachRange(count: count, threads: threads) { range in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchSize) { scratch in
          for index in range { compute(index, scratch: scratch, into: result) }
        }
      }
    }
  }

  /// Units of the whole batch.
  private var count: Int { input.shape[0] * convolution.groups * tilesPerGroup }

  /// Elements of scratch memory that `compute` needs.
  private var scratchSize: Int {
    let rows = (lowering.output.height + tilesPerGroup - 1) / tilesPerGroup
    return lowering.isInput ? 0 : lowering.patchSize * rows * lowering.output.width
  }

  /// The output rows of a unit. Units differ by at most one row, so threads end together.
  private func rows(ofTile tile: Int) -> Range<Int> {
    let height = lowering.output.height
    return (tile * height / tilesPerGroup)..<((tile + 1) * height / tilesPerGroup)
  }

  /// Computes unit `index`.
  ///
  /// - Parameters:
  ///   - scratch: `scratchSize` elements that no other thread uses.
  ///   - result: the whole result `[N, O, oH, oW]`.
  private func compute(
    _ index: Int, scratch: UnsafeMutableBufferPointer<Float>,
    into result: UnsafeMutablePointer<Float>
  ) {
    let (pictureAndGroup, tile) = index.quotientAndRemainder(dividingBy: tilesPerGroup)
    let group = pictureAndGroup % convolution.groups
    let rows = rows(ofTile: tile)
    let plane = lowering.output.height * lowering.output.width
    let outputs = convolution.weight.shape[0] / convolution.groups
    let target =
      result + pictureAndGroup * outputs * plane + rows.lowerBound * lowering.output.width
    let columns = rows.count * lowering.output.width

    fillWithBias(target, group: group, columns: columns)
    input.withUnsafeElements { input in
      guard let input = input.baseAddress else { return }
      let patches = patches(input, pictureAndGroup, rows, scratch)
      convolution.weight.withUnsafeElements { weight in
        guard let weight = weight.baseAddress else { return }
        OpenBLAS.multiply(
          rows: outputs, columns: columns, depth: lowering.patchSize,
          weight + group * outputs * lowering.patchSize, patches.start, bStride: patches.stride,
          beta: 1, into: target, cStride: plane)
      }
    }
  }

  /// The patches under `rows` as a matrix, and the distance of its rows.
  private func patches(
    _ input: UnsafePointer<Float>, _ pictureAndGroup: Int, _ rows: Range<Int>,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) -> (start: UnsafePointer<Float>, stride: Int) {
    let plane = lowering.input.height * lowering.input.width
    let source = input + pictureAndGroup * lowering.channels * plane
    guard !lowering.isInput, let tile = scratch.baseAddress else {
      return (source + rows.lowerBound * lowering.input.width, plane)
    }
    lowering.write(outputRows: rows, of: source, to: tile)
    return (UnsafePointer(tile), rows.count * lowering.output.width)
  }

  /// Starts the sums of a unit with the bias of their channel, or with zero.
  private func fillWithBias(_ target: UnsafeMutablePointer<Float>, group: Int, columns: Int) {
    let plane = lowering.output.height * lowering.output.width
    let outputs = convolution.weight.shape[0] / convolution.groups
    for output in 0..<outputs {
      let value = convolution.bias?.withUnsafeElements { $0[group * outputs + output] } ?? 0
      (target + output * plane).update(repeating: value, count: columns)
    }
  }
}
