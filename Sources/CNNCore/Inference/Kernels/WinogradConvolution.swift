internal import CNNKernels

/// A convolution of stride 1 by Winograd's minimal filtering: F(4x4, 3x3) takes 36 multiplications
/// where the definition takes 144.
///
/// The input is transformed, multiplied by the transformed weights at each of 36 points, and
/// transformed back. Where the weights fit a cache, a thread does all three for some tiles at a
/// time; otherwise each thread takes some output channels, so that weights are read from memory
/// once, and all tiles are transformed before: by each thread for itself if they are few.
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
  /// Tiles of a unit, at most: their products and inputs fit a level 2 cache.
  private static let unitTiles = 28
  /// Tiles for each thread from which on units of tiles are worth reading all weights.
  private static let fewestLaneTiles = 24
  /// Bytes of transformed input that threads share at a time.
  private static let sharedInput = 12 << 20
  /// Bytes of transformed input that a thread makes for itself: about a level 2 cache.
  private static let ownInput = 5 << 18
  /// Blocks of output channels for each thread but one from which on the time for its own input is
  /// below a tenth of that for its products.
  private static let blocksForOwnInput = 4

  private var tileRows: Int { (outputExtent.height + form.results - 1) / form.results }
  private var tileColumns: Int { (outputExtent.width + form.results - 1) / form.results }
  private var outputBlocks: Int { ends.output.blocks }
  /// Products of a tile, for each pair of channels.
  private var points: Int { form.points + ends.weights.kernels.pointee.winograd_level_points }
  /// The most tiles of a group that the kernel takes.
  private var mostGroupTiles: Int { ends.weights.kernels.pointee.winograd_tiles }
  /// Tiles of a batch.
  private func tiles(_ pictures: Int) -> Int { pictures * tileRows * tileColumns }

  /// Who transforms the input.
  private func sharing(pictures: Int, lanes: Int) -> InputSharing {
    let tiles = tiles(pictures)
    if ends.weights.packed != nil, tiles >= lanes * Self.fewestLaneTiles { return .byUnit }
    let bytes = transformedSize(tiles: tiles) * MemoryLayout<Float>.stride
    let hasTime = outputBlocks >= (lanes - 1) * Self.blocksForOwnInput
    return bytes <= Self.ownInput && hasTime ? .byThread : .shared
  }

  /// Tiles of a group when `tiles` are cut into groups: as even as can be, since a group of few
  /// tiles is slower for each.
  private func groupTiles(_ tiles: Int) -> Int {
    let groups = (tiles + mostGroupTiles - 1) / mostGroupTiles
    return (tiles + groups - 1) / max(1, groups)
  }

  /// Tiles of a unit of products: some groups of `group` tiles.
  private func unitTiles(_ group: Int) -> Int { max(1, Self.unitTiles / group) * group }

  /// Units that each go from input to output by themselves: as many for each thread.
  private func wholeUnits(_ tiles: Int, lanes: Int) -> Int {
    let units = (tiles + Self.unitTiles - 1) / Self.unitTiles
    return (units + lanes - 1) / lanes * lanes
  }

  /// Tiles that are transformed before their products are taken.
  private func tilesAtOnce(_ sharing: InputSharing, pictures: Int, lanes: Int) -> Int {
    let tiles = tiles(pictures)
    if sharing == .byUnit {
      let units = wholeUnits(tiles, lanes: lanes)
      return (tiles + units - 1) / units
    }
    if sharing == .byThread { return tiles }
    let unit = unitTiles(groupTiles(tiles))
    let tileBytes = points * inputBlocks * Self.blockChannels * ends.weights.numberSize
    return min(tiles, max(1, Self.sharedInput / (tileBytes * unit)) * unit)
  }

  /// Distance of two points of the transformed input; the extra cache line keeps the points of a
  /// tile out of the same places of the cache.
  private func pointStride(tiles: Int) -> Int {
    let group = groupTiles(tiles)
    return ((tiles + group - 1) / group * group * inputBlocks + 1) * Self.blockChannels
  }

  /// 32-bit numbers that the transformed input of `tiles` tiles takes.
  private func transformedSize(tiles: Int) -> Int {
    points * pointStride(tiles: tiles) * ends.weights.numberSize / MemoryLayout<Float>.stride
  }

  /// Numbers of the products of a unit: two blocks of output channels at a time.
  private var productSize: Int { points * Self.unitTiles * 2 * Self.blockChannels }

  /// 32-bit numbers of weights that a thread packs for itself: two blocks of output channels.
  private var packedSize: Int {
    ends.weights.packed == nil
      ? 2 * ends.weights.packing.blockByteCount / MemoryLayout<Float>.stride : 0
  }

  func scratchSize(pictures: Int, lanes: Int) -> ScratchSize {
    let sharing = sharing(pictures: pictures, lanes: lanes)
    let transformed = transformedSize(
      tiles: tilesAtOnce(sharing, pictures: pictures, lanes: lanes))
    return sharing == .shared
      ? ScratchSize(shared: transformed, lane: productSize + packedSize)
      : ScratchSize(shared: 0, lane: productSize + packedSize + transformed)
  }

  func run(_ run: PlanRun) {
    let sharing = sharing(pictures: run.pictures, lanes: run.lanes)
    let atOnce = tilesAtOnce(sharing, pictures: run.pictures, lanes: run.lanes)
    ends.withInput(run) { start, pictureStride in
      ends.withEpilogue(run) { weight, epilogue in
        let layer = cnn_winograd(
          tile_results: form.results, kernel: form.kernel, input: start,
          input_picture_stride: pictureStride, input_height: input.height,
          input_width: input.width, top: edges.top, left: edges.left, input_blocks: inputBlocks,
          groups: groups, transformed: run.sharedScratch, group_tiles: groupTiles(atOnce),
          point_stride: pointStride(tiles: atOnce), first_tile: 0, weight: weight,
          weight_first_block: 0, output: run.start(of: ends.output),
          output_picture_stride: ends.output.pictureStride, output_height: outputExtent.height,
          output_width: outputExtent.width, output_blocks: outputBlocks, tile_rows: tileRows,
          tile_columns: tileColumns, pool: pools, epilogue: epilogue)
        let tiles = 0..<tiles(run.pictures)
        switch sharing {
        case .byUnit: finishUnits(tiles.count, layer, run)
        case .byThread: multiply(tiles, layer, run, ownsInput: true)
        case .shared: transformThenMultiply(tiles, atOnce, layer, run)
        }
      }
    }
  }

  /// Each unit of tiles by itself.
  private func finishUnits(_ tiles: Int, _ layer: cnn_winograd, _ run: PlanRun) {
    let units = wholeUnits(tiles, lanes: run.lanes)
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    run.forEachUnit(units) { index, scratch in
      var layer = layer
      layer.first_tile = index * tiles / units
      let range = layer.first_tile..<((index + 1) * tiles / units)
      transformAll(range, &layer, to: scratch)
      var unit = cnn_unit()
      (unit.first, unit.last) = (range.lowerBound, range.upperBound)
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
    ends.weights.kernels.pointee.winograd_transform(&layer, unit)
  }

  /// As many tiles as the cache holds at a time: all are transformed, then multiplied.
  private func transformThenMultiply(
    _ tiles: Range<Int>, _ atOnce: Int, _ layer: cnn_winograd, _ run: PlanRun
  ) {
    for first in stride(from: 0, to: tiles.count, by: atOnce) {
      let range = first..<min(tiles.count, first + atOnce)
      var layer = layer
      layer.first_tile = first
      transform(range, layer, run)
      multiply(range, layer, run, ownsInput: false)
    }
  }

  /// Each unit of work is some tiles of a block of input channels, blocks after each other as in
  /// the step that wrote them, so that a thread reads what it wrote.
  private func transform(_ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun) {
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    let unitTiles = unitTiles(layer.group_tiles)
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
  ///
  /// - Parameter ownsInput: whether each thread first transforms all tiles for itself.
  private func multiply(
    _ tiles: Range<Int>, _ layer: cnn_winograd, _ run: PlanRun, ownsInput: Bool
  ) {
    nonisolated(unsafe) let (layer, kernels) = (layer, ends.weights.kernels)
    let isPacked = ends.weights.packed != nil
    let kernelTiles = unitTiles(layer.group_tiles)
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
