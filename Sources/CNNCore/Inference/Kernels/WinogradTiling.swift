/// How the tiles of a batch are cut into groups, which the kernel multiplies together, and into
/// units of work for threads.
struct WinogradTiling: Sendable {
  /// All tiles.
  let tiles: Int
  /// Who transforms the input.
  let sharing: InputSharing
  /// Tiles that are transformed before their products are taken.
  let tilesAtOnce: Int
  /// Units that each go from input to output by themselves, as many for each thread.
  let wholeUnits: Int
  private let mostGroupTiles: Int

  /// Tiles of a unit, at most: their products fit a level 2 cache.
  static let mostUnitTiles = 28
  /// Tiles for each thread from which on it is worth reading all weights: the products of so many
  /// take several times as long as a thread needs to read their weights from memory.
  private static let fewestLaneTiles = 24
  /// Bytes of transformed input that threads share at a time.
  private static let mostSharedInput = 12 << 20
  /// Bytes of transformed input that a thread makes for itself: about a level 2 cache.
  private static let mostOwnInput = 5 << 18
  /// Blocks of output channels for each other thread from which on the time for a thread's own
  /// input is below a tenth of that for its products.
  private static let blocksForOwnInput = 4

  /// - Parameters:
  ///   - lanes: threads.
  ///   - mostGroupTiles: the most tiles of a group that the kernel takes.
  ///   - tileBytes: bytes of the transformed input of a tile.
  ///   - outputBlocks: blocks of output channels.
  ///   - isPacked: whether all weights are packed before.
  init(
    tiles: Int, lanes: Int, mostGroupTiles: Int, tileBytes: Int, outputBlocks: Int, isPacked: Bool
  ) {
    (self.tiles, self.mostGroupTiles) = (tiles, mostGroupTiles)
    let units = (tiles + Self.mostUnitTiles - 1) / Self.mostUnitTiles
    wholeUnits = (units + lanes - 1) / lanes * lanes
    let hasTime = outputBlocks >= (lanes - 1) * Self.blocksForOwnInput
    if isPacked, tiles >= lanes * Self.fewestLaneTiles {
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

  /// Tiles of a group, all but the last: as even as can be, since a group of few tiles is slower
  /// for each.
  var groupTiles: Int { Self.groupTiles(tilesAtOnce, most: mostGroupTiles) }

  /// Groups that are transformed before their products are taken.
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
