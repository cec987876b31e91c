import CNNKernels

/// Calls of the kernels of a convolution and its gradients, as a training step makes them.
struct ConvolutionKernels {
  let kernels: cnn_kernels
  let memory: KernelMemory
  let shape: ReferenceConvolution

  private var allTaps: [Int] { Array(0..<shape.taps) }

  // MARK: Packing

  /// The packed weights for some taps of a direct convolution, or for the gradient of the input where
  /// they are transposed.
  func packed(
    _ source: UnsafePointer<Float>, isBlocked: Bool = false, taps: [Int]? = nil,
    transposes: Bool = false
  ) -> UnsafeMutablePointer<Float> {
    let taps = taps ?? allTaps
    let (weights, blocks) = packing(source, isBlocked: isBlocked, transposes: transposes)
    let packed = memory.array(packedSize(blocks, transposes: transposes) * taps.count)
    taps.withUnsafeBufferPointer { taps in
      var weights = weights
      (weights.taps, weights.tap_count, weights.packed) = (taps.baseAddress, taps.count, packed)
      forEachUnit(units(blocks: blocks)) { kernels.pack_taps(&weights, $0) }
    }
    return packed
  }

  /// The same for Winograd's F(4x4, 3x3).
  func winogradPacked(
    _ source: UnsafePointer<Float>, isBlocked: Bool = false, transposes: Bool = false
  ) -> UnsafeMutablePointer<Float> {
    var (weights, blocks) = packing(source, isBlocked: isBlocked, transposes: transposes)
    weights.packed = memory.array(packedSize(blocks, transposes: transposes) * 36)
    forEachUnit(units(by: 2, blocks: blocks)) { kernels.pack_winograd_taps(&weights, $0) }
    return weights.packed
  }

  /// `[O, C / groups, taps]` from what `packed` of all taps or a weight gradient is.
  func unpacked(_ packed: UnsafePointer<Float>) -> [Float] {
    var weights = cnn_tap_unpacking(
      packed: packed, groups: shape.groups, group_outputs: shape.groupOutputs,
      group_inputs: shape.groupInputs, taps: shape.taps, result: memory.array(shape.weightCount))
    forEachUnit(units(blocks: shape.outputBlocks)) { kernels.unpack_taps(&weights, $0) }
    return Array(UnsafeBufferPointer(start: weights.result, count: shape.weightCount))
  }

  private func packing(
    _ source: UnsafePointer<Float>, isBlocked: Bool, transposes: Bool
  ) -> (weights: cnn_tap_packing, blocks: Int) {
    let weights = cnn_tap_packing(
      source: source, is_blocked: isBlocked, groups: shape.groups,
      group_outputs: shape.groupOutputs, group_inputs: shape.groupInputs, source_taps: shape.taps,
      taps: nil, tap_count: 0, transposes: transposes, packed: nil)
    return (weights, transposes ? shape.inputBlocks : shape.outputBlocks)
  }

  private func packedSize(_ blocks: Int, transposes: Bool) -> Int {
    blocks * blockCount(transposes ? shape.groupOutputs : shape.groupInputs) * 256
  }

  // MARK: Direct convolution

  /// A direct convolution of a blocked map, whose results are a map or a phase of one.
  struct Direct {
    var input: UnsafePointer<Float>
    var height: Int
    var width: Int
    /// Blocks of all groups.
    var inputBlocks: Int
    /// Rows and columns of the padded map at which the taps begin, and the padding in front.
    var taps: [(row: Int, column: Int)]
    var stride: Int
    var top: Int
    var left: Int
    var rows: Int
    var columns: Int
    var weight: UnsafePointer<Float>
    var output: UnsafeMutablePointer<Float>
    var pictureStride: Int
    var pixelStride: Int
    var rowStride: Int
    var planeStride: Int
    var outputBlocks: Int
    var epilogue: cnn_epilogue
  }

  func run(_ direct: Direct) {
    let stride = direct.stride
    let reach = direct.taps.reduce((row: 0, column: 0)) {
      (max($0.row, $1.row), max($0.column, $1.column))
    }
    let phaseWidth = direct.columns + reach.column / stride
    let paddedHeight = (direct.rows - 1) * stride + reach.row + 1
    let rowSize = stride * phaseWidth * 16
    let planeSize = paddedHeight * rowSize
    let pictureSize = direct.inputBlocks * planeSize
    var padding = cnn_padding(
      input: direct.input,
      input_picture_stride: direct.inputBlocks * direct.height * direct.width * 16,
      padded: memory.array(shape.pictures * pictureSize), padded_picture_stride: pictureSize,
      length: 16, height: direct.height, width: direct.width, top: direct.top, left: direct.left,
      padded_height: paddedHeight, phases: stride, phase_width: phaseWidth, row_stride: 1,
      kernel_rows: 1, column_stride: stride)
    forEachUnit(units(pictures: shape.pictures, blocks: direct.inputBlocks)) {
      kernels.pad(&padding, $0)
    }
    let groupBlocks = direct.inputBlocks / shape.groups
    let offsets = (0..<groupBlocks).flatMap { block in
      direct.taps.map {
        block * planeSize + $0.row * rowSize
          + ($0.column % stride * phaseWidth + $0.column / stride) * 16
      }
    }
    offsets.withUnsafeBufferPointer { offsets in
      var layer = cnn_convolution(
        input: padding.padded, input_picture_stride: pictureSize,
        input_group_stride: groupBlocks * planeSize, first_row: 0,
        input_row_stride: stride * rowSize, length: 16, offsets: offsets.baseAddress,
        chunks: offsets.count, weight: direct.weight, output: direct.output,
        output_picture_stride: direct.pictureStride, output_width: direct.columns,
        output_pixel_stride: direct.pixelStride, output_row_stride: direct.rowStride,
        output_plane_stride: direct.planeStride, group_blocks: direct.outputBlocks / shape.groups,
        epilogue: direct.epilogue)
      forEachUnit(
        units(
          pictures: shape.pictures, last: direct.rows, by: 3, blocks: direct.outputBlocks, by: 3)
      ) { kernels.convolve(&layer, $0) }
    }
  }

  /// The results, a blocked map.
  func forward(
    _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, epilogue: cnn_epilogue
  ) -> UnsafeMutablePointer<Float> {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    let size = shape.outputBlocks * height * width * 16
    let output = memory.array(shape.pictures * size)
    run(
      Direct(
        input: input, height: shape.height, width: shape.width, inputBlocks: shape.inputBlocks,
        taps: allTaps.map { ($0 / shape.columns, $0 % shape.columns) }, stride: shape.stride,
        top: shape.top, left: shape.left, rows: height, columns: width, weight: weight,
        output: output, pictureStride: size, pixelStride: 16, rowStride: width * 16,
        planeStride: height * width * 16, outputBlocks: shape.outputBlocks, epilogue: epilogue))
    return output
  }

  /// The gradient of the input: a convolution for each phase of the stride. `isBlocked` says that
  /// `weight` is packed.
  func inputGradient(
    _ gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, isBlocked: Bool = false,
    epilogue: cnn_epilogue
  ) -> UnsafeMutablePointer<Float> {
    let size = shape.inputBlocks * shape.height * shape.width * 16
    let result = memory.array(shape.pictures * size)
    for phaseRow in 0..<min(shape.stride, shape.height) {
      for phaseColumn in 0..<min(shape.stride, shape.width) {
        let rows = Self.reachingTaps(phaseRow, shape.stride, before: shape.top, shape.rows)
        let columns = Self.reachingTaps(
          phaseColumn, shape.stride, before: shape.left, shape.columns)
        // Distances may point in front of the gradient: padding makes them begin with 0.
        let top = max(0, -(rows.map(\.distance).min() ?? 0))
        let left = max(0, -(columns.map(\.distance).min() ?? 0))
        let shift = (phaseRow * shape.width + phaseColumn) * 16
        var epilogue = epilogue
        if let residual = epilogue.residual { epilogue.residual = residual + shift }
        if let mask = epilogue.mask { epilogue.mask = mask + shift }
        run(
          Direct(
            input: gradient, height: shape.outputHeight, width: shape.outputWidth,
            inputBlocks: shape.outputBlocks,
            taps: rows.flatMap { row in
              columns.map { (row.distance + top, $0.distance + left) }
            }, stride: 1, top: top, left: left,
            rows: (shape.height - phaseRow - 1) / shape.stride + 1,
            columns: (shape.width - phaseColumn - 1) / shape.stride + 1,
            weight: packed(
              weight, isBlocked: isBlocked,
              taps: rows.flatMap { row in columns.map { row.tap * shape.columns + $0.tap } },
              transposes: true), output: result + shift, pictureStride: size,
            pixelStride: shape.stride * 16, rowStride: shape.stride * shape.width * 16,
            planeStride: shape.height * shape.width * 16, outputBlocks: shape.inputBlocks,
            epilogue: epilogue))
      }
    }
    return result
  }

  /// The taps of one direction that reach the pixels phase, phase + stride ...; pixel number r lies
  /// under the tap of result r + distance.
  private static func reachingTaps(
    _ phase: Int, _ stride: Int, before: Int, _ kernel: Int
  ) -> [(tap: Int, distance: Int)] {
    (0..<kernel).filter { (phase + before - $0).isMultiple(of: stride) }
      .map { ($0, (phase + before - $0) / stride) }
  }

  // MARK: Winograd

  /// The results of F(4x4, 3x3), of stride 1, or the gradient of the input.
  func winograd(
    _ input: UnsafePointer<Float>, isGradient: Bool, weight: UnsafePointer<Float>,
    epilogue: cnn_epilogue
  ) -> UnsafeMutablePointer<Float> {
    let (iH, iW, oH, oW) = (shape.height, shape.width, shape.outputHeight, shape.outputWidth)
    let (height, width) = isGradient ? (oH, oW) : (iH, iW)
    let (resultHeight, resultWidth) = isGradient ? (iH, iW) : (oH, oW)
    let inputBlocks = isGradient ? shape.outputBlocks : shape.inputBlocks
    let outputBlocks = isGradient ? shape.inputBlocks : shape.outputBlocks
    let (tileRows, tileColumns) = ((resultHeight + 3) / 4, (resultWidth + 3) / 4)
    let tiles = shape.pictures * tileRows * tileColumns
    let groupTiles = min(tiles, kernels.winograd_tiles)
    let tileGroups = (tiles + groupTiles - 1) / groupTiles
    let pointStride = tileGroups * inputBlocks * groupTiles * 16
    let output = memory.array(shape.pictures * outputBlocks * resultHeight * resultWidth * 16)
    var layer = cnn_winograd(
      tile_results: 4, kernel: 3, input: input,
      input_picture_stride: inputBlocks * height * width * 16,
      input_height: height, input_width: width, top: isGradient ? 2 - shape.top : shape.top,
      left: isGradient ? 2 - shape.left : shape.left, input_blocks: inputBlocks,
      groups: shape.groups, transformed: memory.array(36 * pointStride), group_tiles: groupTiles,
      point_stride: pointStride, first_tile: 0, weight: weight, weight_first_block: 0,
      output: output, output_picture_stride: outputBlocks * resultHeight * resultWidth * 16,
      output_height: resultHeight, output_width: resultWidth, output_blocks: outputBlocks,
      tile_rows: tileRows, tile_columns: tileColumns, pool: false, epilogue: epilogue)
    var all = cnn_unit()
    (all.last, all.last_block) = (tiles, inputBlocks)
    kernels.winograd_transform(&layer, all)
    (all.last_block, all.scratch) = (outputBlocks, memory.array(36 * tiles * 32))
    kernels.winograd_multiply(&layer, all)
    return output
  }

  // MARK: Weight gradients

  /// The gradient of the weights by the definition, in units of `inputs` by `outputs` blocks.
  func weightGradient(
    _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, inputs: Int, outputs: Int,
    threads: Int
  ) -> UnsafeMutablePointer<Float> {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    let groupInputs = blockCount(shape.groupInputs)
    let result = memory.array(shape.outputBlocks * groupInputs * shape.taps * 256)
    let chunk = Self.chunk(height: height, width: width, pixels: 128)
    var layer = cnn_weight_gradient(
      input: input, input_picture_stride: shape.inputBlocks * shape.height * shape.width * 16,
      height: shape.height, width: shape.width, gradient: gradient,
      gradient_picture_stride: shape.outputBlocks * height * width * 16, output_height: height,
      output_width: width, kernel_rows: shape.rows, kernel_columns: shape.columns,
      row_stride: shape.stride, column_stride: shape.stride, top: shape.top, left: shape.left,
      pictures: shape.pictures, group_input_blocks: groupInputs,
      group_output_blocks: blockCount(shape.groupOutputs), chunk_rows: chunk.rows,
      chunk_pictures: chunk.pictures, result: result)
    forEachUnit(
      units(last: groupInputs, by: inputs, blocks: shape.outputBlocks, by: outputs),
      threads: threads
    ) { kernels.weight_gradient(&layer, $0) }
    return result
  }

  /// Rows and pictures of a chunk of up to about `pixels` pixels.
  private static func chunk(
    height: Int, width: Int, pixels: Int
  ) -> (rows: Int, pictures: Int) {
    let rows = max(1, pixels / width)
    return rows < height ? (rows, 1) : (height, max(1, pixels / (height * width)))
  }

  /// The same from a planar map: `[output blocks][channels][taps][16]`.
  func planarWeightGradient(
    _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, lines: Int, outputs: Int
  ) -> UnsafeMutablePointer<Float> {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    let paddedHeight = (height - 1) * shape.stride + shape.rows
    let paddedWidth = (width - 1) * shape.stride + shape.columns
    let pictureSize = shape.channels * paddedHeight * paddedWidth
    let padded = memory.array(shape.pictures * pictureSize)
    var padding = cnn_padding(
      input: input, input_picture_stride: shape.channels * shape.height * shape.width,
      padded: padded, padded_picture_stride: pictureSize, length: 1, height: shape.height,
      width: shape.width, top: shape.top, left: shape.left, padded_height: paddedHeight, phases: 1,
      phase_width: paddedWidth, row_stride: 1, kernel_rows: 1, column_stride: 1)
    forEachUnit(units(pictures: shape.pictures, blocks: shape.channels)) {
      kernels.pad(&padding, $0)
    }
    let result = memory.array(shape.outputBlocks * shape.channels * shape.taps * 16)
    let chunk = Self.chunk(height: height, width: width, pixels: 128)
    var layer = cnn_weight_gradient(
      input: padded, input_picture_stride: pictureSize, height: paddedHeight, width: paddedWidth,
      gradient: gradient, gradient_picture_stride: shape.outputBlocks * height * width * 16,
      output_height: height, output_width: width, kernel_rows: shape.rows,
      kernel_columns: shape.columns, row_stride: shape.stride, column_stride: shape.stride, top: 0,
      left: 0, pictures: shape.pictures, group_input_blocks: shape.channels,
      group_output_blocks: shape.outputBlocks, chunk_rows: chunk.rows,
      chunk_pictures: chunk.pictures, result: result)
    forEachUnit(
      units(last: shape.channels * shape.rows, by: lines, blocks: shape.outputBlocks, by: outputs)
    ) { kernels.weight_gradient_planar(&layer, $0) }
    return result
  }

  /// The gradient of the weights by F(3x3, 4x4), of chunks of up to `chunk` tiles, in units of
  /// `inputs` by `outputs` blocks.
  func winogradWeightGradient(
    _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, chunk: Int, inputs: Int,
    outputs: Int, threads: Int
  ) -> UnsafeMutablePointer<Float> {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    let (tileRows, tileColumns) = ((height + 3) / 4, (width + 3) / 4)
    let tiles = shape.pictures * tileRows * tileColumns
    let room = min(tiles, chunk)
    let inputStride = room * shape.inputBlocks * 16
    let gradientStride = room * shape.outputBlocks * 16
    let groupInputs = blockCount(shape.groupInputs)
    let result = memory.array(shape.outputBlocks * groupInputs * 9 * 256)
    var inputs = units(last: groupInputs, by: inputs, blocks: shape.outputBlocks, by: outputs)
    for index in inputs.indices {
      inputs[index].scratch = memory.array(36 * (inputs[index].last - inputs[index].first) * 512)
    }
    let transformed = memory.array(36 * inputStride)
    var transform = cnn_winograd()
    (transform.tile_results, transform.kernel, transform.input) = (4, 3, input)
    transform.input_picture_stride = shape.inputBlocks * shape.height * shape.width * 16
    (transform.input_height, transform.input_width) = (shape.height, shape.width)
    (transform.top, transform.left) = (shape.top, shape.left)
    (transform.input_blocks, transform.groups) = (shape.inputBlocks, shape.groups)
    (transform.transformed, transform.point_stride) = (
      UnsafeMutableRawPointer(transformed), inputStride
    )
    (transform.tile_rows, transform.tile_columns) = (tileRows, tileColumns)
    transform.group_tiles = room
    for first in Swift.stride(from: 0, to: tiles, by: room) {
      let last = min(tiles, first + room)
      transform.first_tile = first
      var layer = cnn_winograd_gradient(
        gradient: gradient, gradient_picture_stride: shape.outputBlocks * height * width * 16,
        output_height: height, output_width: width, tile_rows: tileRows,
        tile_columns: tileColumns, first_tile: first, tiles: last - first, group_tiles: room,
        group_input_blocks: groupInputs, group_output_blocks: blockCount(shape.groupOutputs),
        transformed_input: transformed, input_point_stride: inputStride,
        transformed_gradient: memory.array(36 * gradientStride),
        gradient_point_stride: gradientStride, result: result, adds: first > 0)
      var part = cnn_unit()
      (part.first, part.last, part.last_block) = (first, last, shape.inputBlocks)
      kernels.winograd_transform(&transform, part)
      part.last_block = shape.outputBlocks
      kernels.winograd_gradient_transform(&layer, part)
      forEachUnit(inputs, threads: threads) { kernels.winograd_gradient_multiply(&layer, $0) }
    }
    return result
  }
}
