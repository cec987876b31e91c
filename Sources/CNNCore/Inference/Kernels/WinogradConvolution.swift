internal import CNNKernels

/// A convolution of stride 1 by Winograd's minimal filtering: F(4x4, 3x3) takes 36 multiplications
/// where the definition takes 144.
///
/// The input is transformed, multiplied by the transformed weights at each of 36 points, and
/// transformed back. Where the weights fit a cache, a thread does all three for some tiles at a
/// time; otherwise all tiles are transformed first, and each thread then takes some output
/// channels, so that weights are read from memory once.
struct WinogradConvolution: PackedKernel {
  private let form: WinogradForm
  private let ends: ConvolutionEnds
  private let input: Extent
  private let inputBlocks: Int
  private let groups: Int
  private let outputExtent: Extent
  private let edges: Padding.Edges
  private let pools: Bool

  var name: String {
    ends.weights.numberName + "winograd " + form.name + (pools ? " + pool" : "")
  }

  init(_ convolution: FusedConvolution, _ form: WinogradForm, _ ends: ConvolutionEnds) {
    self.form = form
    self.ends = ends
    input = convolution.inputExtent
    inputBlocks = MapSlot.blocks(of: convolution.inputChannels)
    groups = convolution.settings.groups
    outputExtent = convolution.outputExtent
    edges = convolution.settings.window.edges(input: convolution.inputExtent)
    pools = convolution.pools
  }

  /// Whether `weights` should be packed when the plan is made.
  static func packsAhead(_ weights: WeightPacking, _ packing: PackingTime) -> Bool {
    packing == .ahead || weights.byteCount <= cachedWeights
  }

  private static let blockChannels = MapSlot.blockChannels
  /// Bytes of transformed weights up to which tiles are finished one group after the other.
  private static let cachedWeights = 5 << 20
  /// Tiles of a unit, about: their products and inputs fit a level 2 cache.
  private static let unitTiles = 28
  /// Bytes of transformed input that the threads share at a time.
  private static let sharedInput = 12 << 20

  private var tileRows: Int { (outputExtent.height + form.results - 1) / form.results }
  private var tileColumns: Int { (outputExtent.width + form.results - 1) / form.results }
  private var outputBlocks: Int { ends.output.blocks }
  /// Products of a tile, for each pair of channels.
  private var points: Int { form.points + ends.weights.kernels.pointee.winograd_level_points }
  /// The most tiles of a group that the kernel takes.
  private var mostGroupTiles: Int { ends.weights.kernels.pointee.winograd_tiles }
  /// Tiles of a batch.
  private func tiles(_ pictures: Int) -> Int { pictures * tileRows * tileColumns }

  /// Tiles of a group: as even as can be, since a group of few tiles is slower for each.
  private func groupTiles(_ pictures: Int) -> Int {
    let groups = (tiles(pictures) + mostGroupTiles - 1) / mostGroupTiles
    return (tiles(pictures) + groups - 1) / max(1, groups)
  }

  /// Tiles of a unit of work, some groups.
  private func unitTiles(_ pictures: Int) -> Int {
    let group = groupTiles(pictures)
    return max(1, Self.unitTiles / group) * group
  }

  /// Whether each unit goes from input to output by itself.
  private func finishesUnits(_ pictures: Int) -> Bool {
    ends.weights.packing.byteCount <= Self.cachedWeights
      && tiles(pictures) >= 16 * unitTiles(pictures)
  }

  /// Tiles that are transformed before their products are taken.
  private func tilesAtOnce(_ pictures: Int) -> Int {
    let (unit, group) = (unitTiles(pictures), groupTiles(pictures))
    if finishesUnits(pictures) { return unit }
    let tileBytes = points * inputBlocks * Self.blockChannels * ends.weights.numberSize
    let units = max(1, Self.sharedInput / (tileBytes * unit))
    return min((tiles(pictures) + group - 1) / group * group, units * unit)
  }

  /// Distance of two points of the transformed input; the extra cache line keeps the points of a
  /// tile out of the same places of the cache.
  private func pointStride(tiles: Int) -> Int { (tiles * inputBlocks + 1) * Self.blockChannels }

  /// 32-bit numbers that the transformed input of `tiles` tiles takes.
  private func transformedSize(tiles: Int) -> Int {
    points * pointStride(tiles: tiles) * ends.weights.numberSize / MemoryLayout<Float>.stride
  }

  /// Numbers of the products of a unit: two blocks of output channels at a time.
  private func productSize(_ pictures: Int) -> Int {
    points * unitTiles(pictures) * 2 * Self.blockChannels
  }

  /// 32-bit numbers of weights that a thread packs for itself: two blocks of output channels.
  private var packedSize: Int {
    ends.weights.packed == nil
      ? 2 * ends.weights.packing.blockByteCount / MemoryLayout<Float>.stride : 0
  }

  func scratchSize(pictures: Int) -> ScratchSize {
    let transformed = transformedSize(tiles: tilesAtOnce(pictures))
    return finishesUnits(pictures)
      ? ScratchSize(shared: 0, lane: productSize(pictures) + transformed)
      : ScratchSize(shared: transformed, lane: productSize(pictures) + packedSize)
  }

  func run(_ run: PlanRun) {
    ends.withInput(run) { start, pictureStride in
      ends.withEpilogue(run) { weight, epilogue in
        let layer = cnn_winograd(
          tile_results: form.results, kernel: form.kernel, input: start,
          input_picture_stride: pictureStride, input_height: input.height,
          input_width: input.width, top: edges.top, left: edges.left, input_blocks: inputBlocks,
          groups: groups, transformed: run.sharedScratch,
          group_tiles: groupTiles(run.pictures),
          point_stride: pointStride(tiles: tilesAtOnce(run.pictures)), first_tile: 0,
          weight: weight, weight_first_block: 0, output: run.start(of: ends.output),
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
    let (tiles, unitTiles) = (tiles(run.pictures), unitTiles(run.pictures))
    let productSize = productSize(run.pictures)
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    run.forEachUnit((tiles + unitTiles - 1) / unitTiles) { index, scratch in
      var (layer, unit) = (layer, cnn_unit())
      (unit.first, unit.last) = (index * unitTiles, min(tiles, (index + 1) * unitTiles))
      unit.scratch = scratch
      layer.first_tile = unit.first
      layer.transformed = UnsafeMutableRawPointer(scratch + productSize)
      unit.last_block = inputBlocks
      kernels.pointee.winograd_transform(&layer, unit)
      unit.last_block = outputBlocks
      kernels.pointee.winograd_multiply(&layer, unit)
    }
  }

  /// As many tiles as the cache holds at a time: all are transformed, then multiplied.
  private func transformThenMultiply(_ layer: cnn_winograd, _ run: PlanRun) {
    let tiles = tiles(run.pictures)
    let step = tilesAtOnce(run.pictures)
    for first in stride(from: 0, to: tiles, by: step) {
      let range = first..<min(tiles, first + step)
      var layer = layer
      layer.first_tile = first
      transform(range, layer, run)
      multiply(range, layer, run)
    }
  }

  /// Each unit of work is some tiles of a block of input channels, blocks after each other as in
  /// the step that wrote them, so that a thread reads what it wrote.
  private func transform(_ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    let unitTiles = unitTiles(run.pictures)
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

  /// Each unit of work is some tiles and two blocks of output channels, or all tiles where the
  /// weights of the blocks are yet to be packed.
  private func multiply(_ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    let productSize = productSize(run.pictures)
    let isPacked = ends.weights.packed != nil
    let kernelTiles = unitTiles(run.pictures)
    let unitTiles = isPacked ? kernelTiles : tiles.count
    let tileUnits = (tiles.count + unitTiles - 1) / unitTiles
    let blockPairs = (outputBlocks + 1) / 2
    run.forEachUnit(tileUnits * blockPairs) { index, scratch in
      // Units with the same weights follow each other.
      let (pair, tileUnit) = index.quotientAndRemainder(dividingBy: tileUnits)
      let firstTile = tiles.lowerBound + tileUnit * unitTiles
      let lastTile = min(tiles.upperBound, firstTile + unitTiles)
      let blocks = (2 * pair)..<min(outputBlocks, 2 * pair + 2)
      var (layer, unit) = (layer, cnn_unit())
      if !isPacked {
        let packed = UnsafeMutableRawPointer(scratch + productSize)
        ends.weights.packing.pack(blocks, to: packed)
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
