internal import CNNSystem

/// 2-D convolution: input `[N, C, H, W]`, weight `[O, C / groups, kH, kW]`, bias `[O]`, result
/// `[N, O, oH, oW]`.
///
///     result[n, o, y, x] = bias[o] + sum over c, i, j of
///       weight[o, c, i, j] * input[n, c, y * stride + i - top, x * stride + j - left]
///
/// (a cross-correlation, as everywhere in the field), with `oH = (H + top + bottom - kH) / stride
/// + 1`. Input and output channels are split evenly into `groups`, and each group of outputs sees
/// its group of inputs alone (AlexNet, section 3.5).
///
/// Computed as matrix products by im2col; the bits depend on neither `threads` nor N.
public func convolution(
  _ input: Tensor, weight: Tensor, bias: Tensor?, window: Window, groups: Int = 1,
  threads: Int = 1
) -> Tensor {
  precondition(input.shape.count == 4, "the input is [N, C, H, W]")
  precondition(weight.shape.count == 4, "the weight is [O, C / groups, kH, kW]")
  let (count, channels, outputs) = (input.shape[0], input.shape[1], weight.shape[0])
  precondition(groups > 0 && channels % groups == 0 && outputs % groups == 0, "uneven groups")
  precondition(
    weight.shape[1...] == [channels / groups, window.kernel.height, window.kernel.width],
    "the weight is [O, C / groups, kH, kW]")
  precondition(bias.map { $0.shape == [outputs] } ?? true, "the bias is [O]")

  let lowering = Im2col(
    channels: channels / groups, input: Extent(height: input.shape[2], width: input.shape[3]),
    window: window)
  let tiles = ConvolutionTiles(
    input: input, weight: weight, bias: bias, groups: groups, lowering: lowering)
  let shape = [count, outputs, lowering.output.height, lowering.output.width]
  return Tensor(uninitialized: shape) { elements in
    guard let start = elements.baseAddress else { return }
    // Every tile belongs to one thread, and all have ended before the elements are seen.
    nonisolated(unsafe) let result = start
    Workers.forEachRange(count: tiles.count, threads: threads) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: tiles.scratchSize) { scratch in
        for index in range { tiles.compute(index, scratch: scratch, into: result) }
      }
    }
  }
}

/// A convolution cut into units of work: some output rows of one group of one picture.
///
/// Their size follows from the shape of the layer alone. A unit is one matrix product, and with
/// its shape fixed its bits are fixed, whoever computes it and whatever else is in the batch.
private struct ConvolutionTiles: Sendable {
  /// Bytes of patches in a unit: about a level 2 cache. Less, and the product spends its time on
  /// rearranging the weights; more, and the patches come back from memory.
  static let patchBudget = 1 << 20

  let input: Tensor
  let weight: Tensor
  let bias: Tensor?
  let groups: Int
  let lowering: Im2col
  /// Units per group of a picture.
  let tilesPerGroup: Int

  init(input: Tensor, weight: Tensor, bias: Tensor?, groups: Int, lowering: Im2col) {
    self.input = input
    self.weight = weight
    self.bias = bias
    self.groups = groups
    self.lowering = lowering
    let rowSize = lowering.patchSize * lowering.output.width * MemoryLayout<Float>.stride
    let rows = max(1, Self.patchBudget / max(1, rowSize))
    tilesPerGroup = (lowering.output.height + rows - 1) / rows
  }

  /// Units of the whole batch.
  var count: Int { input.shape[0] * groups * tilesPerGroup }

  /// Floats of memory that `compute` needs.
  var scratchSize: Int {
    let rows = (lowering.output.height + tilesPerGroup - 1) / tilesPerGroup
    return lowering.isInput ? 0 : lowering.patchSize * rows * lowering.output.width
  }

  /// The output rows of a unit; as even as can be, so that threads end together.
  private func rows(ofTile tile: Int) -> Range<Int> {
    let height = lowering.output.height
    return (tile * height / tilesPerGroup)..<((tile + 1) * height / tilesPerGroup)
  }

  /// Computes unit `index`.
  ///
  /// - Parameters:
  ///   - scratch: `scratchSize` floats that no other thread uses.
  ///   - result: the whole result `[N, O, oH, oW]`.
  func compute(
    _ index: Int, scratch: UnsafeMutableBufferPointer<Float>,
    into result: UnsafeMutablePointer<Float>
  ) {
    let (pictureAndGroup, tile) = index.quotientAndRemainder(dividingBy: tilesPerGroup)
    let group = pictureAndGroup % groups
    let rows = rows(ofTile: tile)
    let plane = lowering.output.height * lowering.output.width
    let outputs = weight.shape[0] / groups
    let target =
      result + pictureAndGroup * outputs * plane + rows.lowerBound * lowering.output.width
    let columns = rows.count * lowering.output.width

    fillWithBias(target, group: group, columns: columns)
    input.withUnsafeElements { input in
      guard let input = input.baseAddress else { return }
      let patches = patches(input, pictureAndGroup, rows, scratch)
      weight.withUnsafeElements { weight in
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
    let outputs = weight.shape[0] / groups
    for output in 0..<outputs {
      let value = bias?.withUnsafeElements { $0[group * outputs + output] } ?? 0
      (target + output * plane).update(repeating: value, count: columns)
    }
  }
}
