internal import CNNKernels

/// A convolution of stride 1 by Winograd's minimal filtering: F(4x4, 3x3) takes 36 multiplications
/// where the definition takes 144.
///
/// The input is transformed, multiplied by the transformed weights at each of 36 points, and
/// transformed back. With many tiles a thread does all three for some tiles at a time. With few, all
/// tiles are transformed first, and then each thread computes some output channels, so that weights are
/// read from memory once.
struct WinogradConvolution: PackedKernel {
  private let form: WinogradForm
  private let operands: ConvolutionOperands
  private let input: Extent
  private let inputBlocks: Int
  private let groups: Int
  private let outputExtent: Extent
  private let edges: Padding.Edges
  private let pools: Bool

  var name: String {
    operands.weights.elementName + "winograd " + form.name + (pools ? " + pool" : "")
  }

  init(_ convolution: FusedConvolution, _ form: WinogradForm, _ operands: ConvolutionOperands) {
    self.form = form
    self.operands = operands
    input = convolution.inputExtent
    inputBlocks = MapSlot.blocks(of: convolution.inputChannels)
    groups = convolution.settings.groups
    outputExtent = convolution.outputExtent
    edges = convolution.settings.window.edges(input: convolution.inputExtent)
    pools = convolution.pools
  }

  private static let blockChannels = MapSlot.blockChannels

  private var tileRows: Int { (outputExtent.height + form.results - 1) / form.results }
  private var tileColumns: Int { (outputExtent.width + form.results - 1) / form.results }
  private var outputBlocks: Int { operands.output.blocks }
  /// Products of a tile, for each pair of channels.
  private var points: Int { form.points + operands.weights.kernels.pointee.winograd_mean_points }

  /// How the tiles of a batch are cut for `threads` threads.
  private func tiling(pictures: Int, threads: Int) -> WinogradTiling {
    WinogradTiling(
      tiles: pictures * tileRows * tileColumns, threads: threads,
      mostGroupTiles: operands.weights.kernels.pointee.winograd_tiles,
      tileBytes: points * inputBlocks * Self.blockChannels * operands.weights.elementSize,
      outputBlocks: outputBlocks, isPacked: operands.weights.packed != nil)
  }

  /// Distance between two points of the transformed input. Without the extra cache line the points of a
  /// tile could lie a power of two apart and compete for the same sets of the cache.
  private func pointStride(_ tiling: WinogradTiling) -> Int {
    (tiling.groupsAtOnce * tiling.groupTiles * inputBlocks + 1) * Self.blockChannels
  }

  /// Elements of the products of a unit: two blocks of output channels at a time.
  private var productSize: Int { points * WinogradTiling.mostUnitTiles * 2 * Self.blockChannels }

  /// 32-bit elements of the weights that a thread packs for itself: two blocks of output channels.
  private var packedSize: Int {
    operands.weights.packed == nil
      ? 2 * operands.weights.packing.blockByteCount / MemoryLayout<Float>.stride : 0
  }

  func scratchSize(pictures: Int, threads: Int) -> ScratchSize {
    let tiling = tiling(pictures: pictures, threads: threads)
    let transformed =
      points * pointStride(tiling) * operands.weights.elementSize / MemoryLayout<Float>.stride
    let perThread = productSize + packedSize
    return tiling.sharing == .shared
      ? ScratchSize(shared: transformed, perThread: perThread)
      : ScratchSize(perThread: perThread + transformed)
  }

  func run(_ run: PlanRun) {
    let tiling = tiling(pictures: run.pictures, threads: run.threads)
    operands.withInput(run) { start, pictureStride in
      operands.withEpilogue(run) { weight, epilogue in
        let layer = cnn_winograd(
          tile_results: form.results, kernel: form.kernel, input: start,
          input_picture_stride: pictureStride, input_height: input.height,
          input_width: input.width, top: edges.top, left: edges.left, input_blocks: inputBlocks,
          groups: groups, transformed: run.sharedScratch, group_tiles: tiling.groupTiles,
          point_stride: pointStride(tiling), first_tile: 0, weight: weight, weight_first_block: 0,
          output: run.start(of: operands.output),
          output_picture_stride: operands.output.pictureStride, output_height: outputExtent.height,
          output_width: outputExtent.width, output_blocks: outputBlocks, tile_rows: tileRows,
          tile_columns: tileColumns, pool: pools, epilogue: epilogue)
        switch tiling.sharing {
        case .byUnit: finishUnits(tiling, layer, run)
        case .byThread: multiply(0..<tiling.tiles, tiling, layer, run)
        case .shared: transformThenMultiply(tiling, layer, run)
        }
      }
    }
  }

  /// Each unit transforms its tiles, multiplies them and transforms the products back.
  private func finishUnits(_ tiling: WinogradTiling, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, operands.weights.kernels)
    run.forEachUnit(tiling.wholeUnits) { index, scratch in
      let tiles = tiling.wholeUnit(index)
      var (layer, unit) = (layer, cnn_unit())
      layer.first_tile = tiles.lowerBound
      transformAll(tiles, &layer, to: scratch)
      (unit.first, unit.last) = (tiles.lowerBound, tiles.upperBound)
      (unit.last_block, unit.scratch) = (outputBlocks, scratch)
      kernels.pointee.winograd_multiply(&layer, unit)
    }
  }

  /// Transforms some tiles in all channels for one thread, behind its products and weights.
  private func transformAll(
    _ tiles: Range<Int>, _ layer: inout cnn_winograd, to scratch: UnsafeMutablePointer<Float>
  ) {
    layer.transformed = UnsafeMutableRawPointer(scratch + productSize + packedSize)
    var unit = cnn_unit()
    (unit.first, unit.last, unit.last_block) = (tiles.lowerBound, tiles.upperBound, inputBlocks)
    operands.weights.kernels.pointee.winograd_transform(&layer, unit)
  }

  /// Transforms as many tiles as the caches hold, then multiplies them, then goes on with the next.
  private func transformThenMultiply(
    _ tiling: WinogradTiling, _ layer: cnn_winograd, _ run: PlanRun
  ) {
    for first in stride(from: 0, to: tiling.tiles, by: tiling.tilesAtOnce) {
      let tiles = first..<min(tiling.tiles, first + tiling.tilesAtOnce)
      var layer = layer
      layer.first_tile = first
      transform(tiles, tiling, layer, run)
      multiply(tiles, tiling, layer, run)
    }
  }

  /// Each work unit is some tiles of a block of input channels. The units of a block follow each other,
  /// as in the step that wrote it, so that a thread reads what it wrote.
  private func transform(
    _ tiles: Range<Int>, _ tiling: WinogradTiling, _ layer: cnn_winograd, _ run: PlanRun
  ) {
    nonisolated(unsafe) let (layer, kernels) = (layer, operands.weights.kernels)
    let unitTiles = tiling.unitTiles
    let tileUnits = (tiles.count + unitTiles - 1) / unitTiles
    run.forEachUnit(tileUnits * inputBlocks) { index, _ in
      let (block, tileUnit) = index.quotientAndRemainder(dividingBy: tileUnits)
      var (layer, unit) = (layer, cnn_unit())
      unit.first = tiles.lowerBound + tileUnit * unitTiles
      unit.last = min(tiles.upperBound, unit.first + unitTiles)
      (unit.first_block, unit.last_block) = (block, block + 1)
      kernels.pointee.winograd_transform(&layer, unit)
    }
  }

  /// Each work unit is some tiles and two blocks of output channels; all tiles where it first packs the
  /// weights of these blocks.
  private func multiply(
    _ tiles: Range<Int>, _ tiling: WinogradTiling, _ layer: cnn_winograd, _ run: PlanRun
  ) {
    nonisolated(unsafe) let (layer, kernels) = (layer, operands.weights.kernels)
    let isPacked = operands.weights.packed != nil
    let ownsInput = tiling.sharing == .byThread
    let kernelTiles = tiling.unitTiles
    let unitTiles = isPacked ? kernelTiles : tiles.count
    let tileUnits = (tiles.count + unitTiles - 1) / unitTiles
    let blockPairs = (outputBlocks + 1) / 2
    run.forEachUnit(tileUnits * blockPairs) { scratch in
      var layer = layer
      if ownsInput { transformAll(tiles, &layer, to: scratch) }
    } _: { index, scratch in
      // Units with the same weights follow each other.
      let (pair, tileUnit) = index.quotientAndRemainder(dividingBy: tileUnits)
      let firstTile = tiles.lowerBound + tileUnit * unitTiles
      let lastTile = min(tiles.upperBound, firstTile + unitTiles)
      let blocks = (2 * pair)..<min(outputBlocks, 2 * pair + 2)
      var (layer, unit) = (layer, cnn_unit())
      if ownsInput {
        layer.transformed = UnsafeMutableRawPointer(scratch + productSize + packedSize)
      }
      if !isPacked {
        let packed = UnsafeMutableRawPointer(scratch + productSize)
        operands.weights.packing.pack(blocks, to: packed)
        layer.weight = UnsafeRawPointer(packed)
        layer.weight_first_block = blocks.lowerBound
      }
      (unit.first_block, unit.last_block) = (blocks.lowerBound, blocks.upperBound)
      unit.scratch = scratch
      for first in stride(from: firstTile, to: lastTile, by: kernelTiles) {
        (unit.first, unit.last) = (first, min(lastTile, first + kernelTiles))
        kernels.pointee.winograd_multiply(&layer, unit)
      }
    }
  }
}
