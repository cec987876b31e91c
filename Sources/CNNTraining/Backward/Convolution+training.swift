internal import CNNCore
internal import CNNSystem

/// Saves the input.
extension Convolution: TrainableLayer {
  func forward(_ inputs: consuming [Tensor], _ context: LayerContext) -> LayerForward<Tensor> {
    let input = inputs[0]
    let operation = ConvolutionOperation(
      weight: context.parameter("weight"), bias: hasBias ? context.parameter("bias") : nil,
      window: window, groups: groups)
    return LayerForward(output: operation(input, threads: context.threads), saved: input)
  }

  func backward(
    _ input: Tensor, _ outputGradient: consuming Tensor, _ context: LayerContext
  ) -> LayerGradients {
    let (gradient, threads) = (outputGradient, context.threads)
    let backward = ConvolutionBackward(window: window, groups: groups, threads: threads)
    let weight = context.parameter("weight")
    var gradients = LayerGradients(inputs: [nil])
    if context.node.isTrained {
      let weightGradient = backward.weightGradient(
        input: input, weight: weight.shape, outputGradient: gradient)
      gradients.parameters.append((context.name("weight"), .dense(weightGradient)))
      if hasBias {
        gradients.parameters.append(
          (context.name("bias"), .dense(biasGradient(gradient, threads: threads))))
      }
    }
    if context.node.passesGradient[0] {
      gradients.inputs[0] = backward.inputGradient(
        input: input.shape, weight: weight, outputGradient: gradient)
    }
    return gradients
  }
}

/// The backward pass of a convolution: input `[N, C, H, W]`, weight `[O, C / groups, kH, kW]`,
/// gradient of the result `[N, O, oH, oW]`.
///
/// With the patches of a picture as a matrix `P` `[C / groups * kH * kW, oH * oW]` (im2col) the
/// result is `W P`, so the gradients are `dW = sum over n of dY P^T` and `dP = W^T dY`; each
/// element of `dP` is added back to the input element that it was copied from.
///
/// Work is split over channels of the input and over outputs, and each sum takes the pictures in
/// order, so the bits are the same for any number of threads.
struct ConvolutionBackward: Sendable {
  let window: Window
  let groups: Int
  let threads: Int

  /// Bytes of patches in a unit of work: about the size of a level 2 cache.
  private static let patchBudget = 1 << 20

  /// Some input channels of one group, and how its patches are cut into tiles of rows.
  private struct Block: Sendable {
    let group: Int
    /// Channels within the group.
    let channels: Range<Int>
    let lowering: Im2col
    /// Output rows of a tile.
    let tiles: [Range<Int>]
    /// Elements of the largest tile of patches.
    let scratchSize: Int
  }

  private func blocks(input shape: [Int]) -> [Block] {
    let extent = Extent(height: shape[2], width: shape[3])
    let perGroup = shape[1] / groups
    let one = Im2col(channels: 1, input: extent, window: window)
    let budget = Self.patchBudget / MemoryLayout<Float>.stride
    let positions = one.output.height * one.output.width
    let size = min(perGroup, max(1, budget / (one.patchSize * positions)))
    return (0..<groups).flatMap { group in
      stride(from: 0, to: perGroup, by: size).map { first in
        let channels = first..<min(perGroup, first + size)
        let lowering = Im2col(channels: channels.count, input: extent, window: window)
        let rowSize = lowering.patchSize * lowering.output.width
        let rows = max(1, min(lowering.output.height, budget / rowSize))
        let tiles = stride(from: 0, to: lowering.output.height, by: rows).map {
          $0..<min(lowering.output.height, $0 + rows)
        }
        return Block(
          group: group, channels: channels, lowering: lowering, tiles: tiles,
          scratchSize: rows * rowSize)
      }
    }
  }

  /// The gradient of the weight, summed over the batch.
  func weightGradient(
    input: Tensor, weight shape: [Int], outputGradient: Tensor
  ) -> Tensor {
    let blocks = blocks(input: input.shape)
    let outputsPerGroup = shape[0] / groups
    // Few input channels make few blocks, so outputs are split too; each split repeats im2col.
    let splits = min(outputsPerGroup, max(1, 8 / blocks.count))
    return Tensor(uninitialized: shape) { elements in
      guard let start = elements.baseAddress else { return }
      // Every unit writes columns and rows of its own.
      nonisolated(unsafe) let target = start
      Workers.forEach(count: blocks.count * splits, threads: threads) { unit in
        let part = unit % splits
        let outputs =
          (part * outputsPerGroup / splits)..<((part + 1) * outputsPerGroup / splits)
        addWeightGradient(
          blocks[unit / splits], outputs, input, outputGradient,
          channelsPerGroup: shape[1], into: target)
      }
    }
  }

  private func addWeightGradient(
    _ block: Block, _ outputs: Range<Int>, _ input: Tensor, _ outputGradient: Tensor,
    channelsPerGroup: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let lowering = block.lowering
    let kernel = lowering.kernel.height * lowering.kernel.width
    let (plane, positions) = (
      lowering.input.height * lowering.input.width, lowering.output.height * lowering.output.width
    )
    let firstOutput = block.group * (outputGradient.shape[1] / groups) + outputs.lowerBound
    let rowStride = channelsPerGroup * kernel
    let result = target + firstOutput * rowStride + block.channels.lowerBound * kernel
    withUnsafeTemporaryAllocation(of: Float.self, capacity: block.scratchSize) { scratch in
      guard let patches = scratch.baseAddress else { return }
      var isFirst = true
      for picture in 0..<input.shape[0] {
        input.withUnsafeElements { input in
          outputGradient.withUnsafeElements { gradient in
            guard let input = input.baseAddress, let gradient = gradient.baseAddress else { return }
            let firstChannel =
              block.group * channelsPerGroup + block.channels.lowerBound
              + picture * groups * channelsPerGroup
            let rows = gradient + (picture * outputGradient.shape[1] + firstOutput) * positions
            for tile in block.tiles {
              lowering.write(outputRows: tile, of: input + firstChannel * plane, to: patches)
              let columns = tile.count * lowering.output.width
              OpenBLAS.multiply(
                rows: outputs.count, columns: lowering.patchSize, depth: columns,
                .init(rows + tile.lowerBound * lowering.output.width, stride: positions),
                .init(patches, stride: columns, transposed: true),
                beta: isFirst ? 0 : 1, into: result, cStride: rowStride)
              isFirst = false
            }
          }
        }
      }
    }
  }

  /// The gradient of the input `[N, C, H, W]`.
  func inputGradient(input shape: [Int], weight: Tensor, outputGradient: Tensor) -> Tensor {
    let blocks = blocks(input: shape)
    return Tensor(uninitialized: shape) { elements in
      guard let start = elements.baseAddress else { return }
      // Every unit writes channels of its own.
      nonisolated(unsafe) let target = start
      Workers.forEach(count: shape[0] * blocks.count, threads: threads) { unit in
        writeInputGradient(
          blocks[unit % blocks.count], picture: unit / blocks.count, weight, outputGradient,
          channels: shape[1], into: target)
      }
    }
  }

  private func writeInputGradient(
    _ block: Block, picture: Int, _ weight: Tensor, _ outputGradient: Tensor, channels: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let lowering = block.lowering
    let kernel = lowering.kernel.height * lowering.kernel.width
    let (plane, positions) = (
      lowering.input.height * lowering.input.width, lowering.output.height * lowering.output.width
    )
    let outputs = weight.shape[0] / groups
    let firstChannel =
      picture * channels + block.group * weight.shape[1] + block.channels.lowerBound
    let result = target + firstChannel * plane
    result.update(repeating: 0, count: block.channels.count * plane)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: block.scratchSize) { scratch in
      weight.withUnsafeElements { weights in
        outputGradient.withUnsafeElements { gradient in
          guard let patches = scratch.baseAddress, let weights = weights.baseAddress,
            let gradient = gradient.baseAddress
          else { return }
          let rowStride = weight.shape[1] * kernel
          let matrix =
            weights + block.group * outputs * rowStride + block.channels.lowerBound * kernel
          let rows =
            gradient + (picture * weight.shape[0] + block.group * outputs) * positions
          for tile in block.tiles {
            let columns = tile.count * lowering.output.width
            OpenBLAS.multiply(
              rows: lowering.patchSize, columns: columns, depth: outputs,
              .init(matrix, stride: rowStride, transposed: true),
              .init(rows + tile.lowerBound * lowering.output.width, stride: positions),
              beta: 0, into: patches, cStride: columns)
            lowering.add(patches, outputRows: tile, to: result)
          }
        }
      }
    }
  }
}

extension Im2col {
  /// Adds a matrix of patches back to where `write` took them from, its transpose: elements of
  /// several patches receive the sum.
  ///
  /// - Parameters:
  ///   - source: `[C * kH * kW, rows.count * oW]`.
  ///   - rows: the output rows whose patches they are.
  ///   - target: one picture `[C, H, W]`.
  func add(
    _ source: UnsafePointer<Float>, outputRows rows: Range<Int>,
    to target: UnsafeMutablePointer<Float>
  ) {
    var source = source
    for channel in 0..<channels {
      let plane = target + channel * input.height * input.width
      for kernelRow in 0..<kernel.height {
        for kernelColumn in 0..<kernel.width {
          for row in rows {
            let inputRow = row * stride.height + kernelRow - edges.top
            if inputRow >= 0 && inputRow < input.height {
              addRow(source, to: plane + inputRow * input.width, shift: kernelColumn - edges.left)
            }
            source += output.width
          }
        }
      }
    }
  }

  /// Adds output column `x` to `target[x * stride + shift]` where that lies inside the row.
  private func addRow(
    _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, shift: Int
  ) {
    func firstColumn(reaching position: Int) -> Int {
      let distance = max(0, position - shift)
      return min(output.width, (distance + stride.width - 1) / stride.width)
    }
    let begin = firstColumn(reaching: 0)
    for column in begin..<max(begin, firstColumn(reaching: input.width)) {
      target[column * stride.width + shift] += source[column]
    }
  }
}
