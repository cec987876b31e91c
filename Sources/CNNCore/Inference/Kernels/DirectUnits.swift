internal import CNNKernels

/// How the results of a direct convolution are cut into work units: blocks of output channels, and
/// rows. All limits are measured.
struct DirectUnits: Sendable {
  private let allBlocks: Int
  private let rows: Int
  /// Blocks of a unit, and into how many parts the rows are cut.
  private let blocks: Int
  private let rowUnits: Int
  private let pixels: Int

  /// Multiply-adds of a unit: some tens of microseconds.
  private static let mostWork = 3 << 20
  /// The same where units copy the rows that they read: neighbours copy some rows twice.
  private static let mostWorkWithRows = 8 << 20
  /// Parts of the rows of such a layer, at least.
  private static let fewestParts = 8
  /// Elements of the weights of a unit: 384 KiB, part of a level 2 cache.
  private static let mostWeights = 96 << 10
  /// The same where units copy the rows that they read: each then reads its weights only once.
  private static let mostWeightsWithRows = 160 << 10
  /// Pixels for each thread from which on each may read all weights: the products of fewer take less
  /// time than reading the weights.
  private static let fewestPixels = 56

  /// Units small enough that threads end at about the same time. Rows are cut first; blocks only where
  /// their weights are too many for the cache, since each unit of other blocks reads the input again.
  ///
  /// - Parameters:
  ///   - blockWeights: elements of the weights of a block.
  ///   - pads: whether the input is copied.
  init(blocks allBlocks: Int, rows: Int, rowWidth: Int, blockWeights: Int, pads: Bool) {
    (self.allBlocks, self.rows, pixels) = (allBlocks, rows, rows * rowWidth)
    var (blocks, rowUnits) = ((allBlocks + 1) / 2 * 2, 1)
    let copiesRows = pads && blocks * blockWeights <= Self.mostWeightsWithRows
    let mostWork = copiesRows ? Self.mostWorkWithRows : Self.mostWork
    let fewestParts = copiesRows ? min(rows, Self.fewestParts) : 1
    func halved(_ value: Int) -> Int { (value + 1) / 2 }
    func work() -> Int { blocks * blockWeights * rowWidth * ((rows + rowUnits - 1) / rowUnits) }
    while rowUnits < fewestParts || work() > mostWork {
      let isWide = !copiesRows && blocks * blockWeights > Self.mostWeights
      if blocks > 2, isWide || rowUnits == rows {
        blocks = (halved(blocks) + 1) / 2 * 2
      } else if rowUnits < rows {
        rowUnits = min(rows, 2 * rowUnits)
      } else {
        break
      }
    }
    (self.blocks, self.rowUnits) = (blocks, rowUnits)
  }

  /// Whether each unit computes the results of all channels.
  var haveAllBlocks: Bool { blocks >= allBlocks }
  /// Rows of the largest unit.
  var mostRows: Int { (rows + rowUnits - 1) / rowUnits }

  /// Units of a batch.
  func count(pictures: Int) -> Int { blockUnits * pictures * rowUnits }

  /// Into how many parts the rows of a batch are cut for `threads` threads, each of which then computes
  /// one part, or some channels of one.
  func parts(pictures: Int, threads: Int) -> Int {
    let most = min(pictures * pixels / Self.fewestPixels, pictures * rowUnits)
    return (1...threads).last { threads.isMultiple(of: $0) && $0 <= most } ?? 1
  }

  /// One of the units: those of a part follow each other, and in it those with the same weights.
  func unit(_ index: Int, pictures: Int, parts: Int) -> cnn_unit {
    let all = pictures * rowUnits
    let part = ((index / blockUnits + 1) * parts - 1) / all
    let (first, last) = (part * all / parts, (part + 1) * all / parts)
    let (blockUnit, position) =
      (index - first * blockUnits).quotientAndRemainder(dividingBy: last - first)
    let (picture, rowUnit) = (first + position).quotientAndRemainder(dividingBy: rowUnits)
    var unit = cnn_unit()
    unit.picture = picture
    (unit.first, unit.last) = (rowUnit * rows / rowUnits, (rowUnit + 1) * rows / rowUnits)
    unit.first_block = blockUnit * blocks
    unit.last_block = min(allBlocks, unit.first_block + blocks)
    return unit
  }

  private var blockUnits: Int { (allBlocks + blocks - 1) / blocks }
}
