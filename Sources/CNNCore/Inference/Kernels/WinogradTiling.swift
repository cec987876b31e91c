/// How the tiles of a batch are cut into groups, which the kernel multiplies together, and into work
/// units for threads. All limits are measured.
struct WinogradTiling: Sendable {
  /// All tiles.
  let tiles: Int
  /// Who transforms the input.
  let sharing: InputSharing
  /// Tiles that are transformed before they are multiplied.
  let tilesAtOnce: Int
  /// Units that each compute their results from the input, the same number for each thread.
  let wholeUnits: Int
  private let mostGroupTiles: Int

  /// Tiles of a unit, at most: their products with two blocks, 126 KiB for F(4x4), fit a level 2 cache.
  static let mostUnitTiles = 28
  /// Tiles for each thread from which on each may read all weights: computing the products of so many
  /// takes several times as long as reading the weights from memory.
  private static let fewestThreadTiles = 24
  /// Bytes of transformed input that threads share at a time.
  private static let mostSharedInput = 12 << 20
  /// Bytes of transformed input that a thread makes for itself: 1.25 MiB, about a level 2 cache.
  private static let mostOwnInput = 5 << 18
  /// Blocks of output channels for each other thread from which on transforming all input by each
  /// thread takes less than a tenth of the time of its products.
  private static let blocksForOwnInput = 4

  /// - Parameters:
  ///   - threads: worker threads.
  ///   - mostGroupTiles: the most tiles of a group that the kernel takes.
  ///   - tileBytes: bytes of the transformed input of a tile.
  ///   - outputBlocks: blocks of output channels.
  ///   - isPacked: whether all weights are packed before.
  init(
    tiles: Int, threads: Int, mostGroupTiles: Int, tileBytes: Int, outputBlocks: Int, isPacked: Bool
  ) {
    (self.tiles, self.mostGroupTiles) = (tiles, mostGroupTiles)
    let units = (tiles + Self.mostUnitTiles - 1) / Self.mostUnitTiles
    wholeUnits = (units + threads - 1) / threads * threads
    let hasTime = outputBlocks >= (threads - 1) * Self.blocksForOwnInput
    if isPacked, tiles >= threads * Self.fewestThreadTiles {
      sharing = .byUnit
      tilesAtOnce = (tiles + wholeUnits - 1) / wholeUnits
    } else if hasTime, tiles * tileBytes <= Self.mostOwnInput {
      sharing = .byThread
      tilesAtOnce = tiles
    } else {
      sharing = .shared
      let unit = Self.unitTiles(group: Self.groupTiles(tiles, most: mostGroupTiles))
      tilesAtOnce = min(
        max(1, tiles), max(1, Self.mostSharedInput / (tileBytes * unit)) * unit)
    }
  }

  /// Tiles of each group but the last. Groups are of nearly equal size, since one of few tiles takes
  /// longer for each.
  var groupTiles: Int { Self.groupTiles(tilesAtOnce, most: mostGroupTiles) }

  /// Groups that are transformed before they are multiplied.
  var groupsAtOnce: Int { (tilesAtOnce + groupTiles - 1) / groupTiles }

  /// Tiles of a unit of products: some groups.
  var unitTiles: Int { Self.unitTiles(group: groupTiles) }

  /// The tiles of one of the whole units.
  func wholeUnit(_ index: Int) -> Range<Int> {
    (index * tiles / wholeUnits)..<((index + 1) * tiles / wholeUnits)
  }

  private static func groupTiles(_ tiles: Int, most: Int) -> Int {
    let groups = max(1, (tiles + most - 1) / most)
    return max(1, (tiles + groups - 1) / groups)
  }

  private static func unitTiles(group: Int) -> Int { max(1, mostUnitTiles / group) * group }
}
