internal import CNNKernels

/// A 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3): 36 multiplications where the definition
/// takes 144.
///
/// The input is transformed, multiplied by the transformed weights at each of 36 points, and
/// transformed back. Where the weights fit a cache, a thread does all three for some tiles at a
/// time; otherwise all tiles are transformed first, and each thread then takes some output
/// channels, so that weights are read from memory once.
struct WinogradConvolution: PackedKernel {
  private let ends: ConvolutionEnds
  private let input: Extent
  private let inputBlocks: Int
  private let groups: Int
  private let outputExtent: Extent
  private let edges: Padding.Edges
  private let pools: Bool
  /// Tiles of the kernel's tile groups.
  private let tileGroup: Int

  var name: String { "winograd F(4x4,3x3)" + (pools ? " + pool" : "") }

  /// Whether a convolution can be computed so, and is the faster for it.
  static func accepts(_ convolution: FusedConvolution) -> Bool {
    let (settings, output) = (convolution.settings, convolution.outputExtent)
    let blocks = MapSlot.blockChannels
    return settings.window.kernel == 3 && settings.window.stride == 1
      && convolution.inputChannels / settings.groups >= blocks
      && min(output.height, output.width) >= 4
      && (settings.groups == 1
        || (convolution.inputChannels / settings.groups).isMultiple(of: blocks)
          && (settings.channels / settings.groups).isMultiple(of: blocks))
  }

  init(_ convolution: FusedConvolution, _ ends: ConvolutionEnds, tileGroup: Int) {
    self.ends = ends
    self.tileGroup = tileGroup
    input = convolution.inputExtent
    inputBlocks = MapSlot.blocks(of: convolution.inputChannels)
    groups = convolution.settings.groups
    outputExtent = convolution.outputExtent
    edges = convolution.settings.window.edges(input: convolution.inputExtent)
    pools = convolution.pools
  }

  private static let points = Int(CNN_WINOGRAD_POINTS)
  private static let blockChannels = MapSlot.blockChannels
  /// Bytes of transformed weights up to which tiles are finished one group after the other.
  private static let cachedWeights = 5 << 20
  /// Bytes of transformed input that the threads share at a time.
  private static let sharedInput = 12 << 20

  private var tileRows: Int { (outputExtent.height + 3) / 4 }
  private var tileColumns: Int { (outputExtent.width + 3) / 4 }
  private var outputBlocks: Int { ends.output.blocks }
  private var weightBytes: Int { ends.weights.weight.count * MemoryLayout<Float>.stride }
  /// Tiles of a unit of work.
  private var unitTiles: Int { (tileGroup < 8 ? 24 : 28) / tileGroup * tileGroup }

  /// Whether each unit goes from input to output by itself.
  private func finishesUnits(_ pictures: Int) -> Bool {
    weightBytes <= Self.cachedWeights && pictures * tileRows * tileColumns >= 16 * unitTiles
  }

  /// Tiles that are transformed before their products are taken.
  private func tilesAtOnce(_ pictures: Int) -> Int {
    if finishesUnits(pictures) { return unitTiles }
    let tileBytes = Self.points * inputBlocks * Self.blockChannels * MemoryLayout<Float>.stride
    let units = max(1, Self.sharedInput / (tileBytes * unitTiles))
    let total = pictures * tileRows * tileColumns
    return min((total + tileGroup - 1) / tileGroup * tileGroup, units * unitTiles)
  }

  /// Distance of two points of the transformed input; the extra cache line keeps the points of a
  /// tile out of the same places of the cache.
  private func pointStride(tiles: Int) -> Int { (tiles * inputBlocks + 1) * Self.blockChannels }

  /// Numbers of the products of a unit: two blocks of output channels at a time.
  private var productSize: Int { Self.points * unitTiles * 2 * Self.blockChannels }

  func scratchSize(pictures: Int) -> ScratchSize {
    let transformed = Self.points * pointStride(tiles: tilesAtOnce(pictures))
    return finishesUnits(pictures)
      ? ScratchSize(shared: 0, lane: productSize + transformed)
      : ScratchSize(shared: transformed, lane: productSize)
  }

  func run(_ run: PlanRun) {
    ends.withInput(run) { start, pictureStride in
      ends.withEpilogue(run) { weight, epilogue in
        let layer = cnn_winograd(
          input: start, input_picture_stride: pictureStride, input_height: input.height,
          input_width: input.width, top: edges.top, left: edges.left, input_blocks: inputBlocks,
          groups: groups, transformed: run.sharedScratch,
          point_stride: pointStride(tiles: tilesAtOnce(run.pictures)), first_tile: 0,
          weight: weight, output: run.start(of: ends.output),
          output_picture_stride: ends.output.pictureStride, output_height: outputExtent.height,
          output_width: outputExtent.width, output_blocks: outputBlocks, tile_rows: tileRows,
          tile_columns: tileColumns, pool: pools, epilogue: epilogue)
        if finishesUnits(run.pictures) {
          finishUnits(layer, run)
        } else {
          transformThenMultiply(layer, run)
        }
      }
    }
  }

  /// Each unit of tiles by itself.
  private func finishUnits(_ layer: cnn_winograd, _ run: PlanRun) {
    let tiles = run.pictures * tileRows * tileColumns
    nonisolated(unsafe) let (layer, kernels) = (layer, run.kernels)
    run.forEachUnit((tiles + unitTiles - 1) / unitTiles) { index, scratch in
      var (layer, unit) = (layer, cnn_unit())
      (unit.first, unit.last) = (index * unitTiles, min(tiles, (index + 1) * unitTiles))
      unit.scratch = scratch
      layer.first_tile = unit.first
      layer.transformed = scratch + productSize
      unit.last_block = inputBlocks
      kernels.pointee.winograd_transform(&layer, unit)
      unit.last_block = outputBlocks
      kernels.pointee.winograd_multiply(&layer, unit)
    }
  }

  /// As many tiles as the cache holds at a time: all are transformed, then multiplied.
  private func transformThenMultiply(_ layer: cnn_winograd, _ run: PlanRun) {
    let tiles = run.pictures * tileRows * tileColumns
    let step = tilesAtOnce(run.pictures)
    for first in stride(from: 0, to: tiles, by: step) {
      let range = first..<min(tiles, first + step)
      var layer = layer
      layer.first_tile = first
      transform(range, layer, run)
      multiply(range, layer, run)
    }
  }

  private func transform(_ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, run.kernels)
    let groups = (tiles.count + tileGroup - 1) / tileGroup
    run.forEachUnit(groups) { index, scratch in
      var (layer, unit) = (layer, cnn_unit())
      unit.first = tiles.lowerBound + index * tileGroup
      unit.last = min(tiles.upperBound, unit.first + tileGroup)
      unit.last_block = inputBlocks
      kernels.pointee.winograd_transform(&layer, unit)
    }
  }

  private func multiply(_ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, run.kernels)
    let tileUnits = (tiles.count + unitTiles - 1) / unitTiles
    let blockPairs = (outputBlocks + 1) / 2
    run.forEachUnit(tileUnits * blockPairs) { index, scratch in
      var (layer, unit) = (layer, cnn_unit())
      // Units with the same weights follow each other.
      let (pair, tileUnit) = index.quotientAndRemainder(dividingBy: tileUnits)
      unit.first = tiles.lowerBound + tileUnit * unitTiles
      unit.last = min(tiles.upperBound, unit.first + unitTiles)
      (unit.first_block, unit.last_block) = (2 * pair, min(outputBlocks, 2 * pair + 2))
      unit.scratch = scratch
      kernels.pointee.winograd_multiply(&layer, unit)
    }
  }
}
