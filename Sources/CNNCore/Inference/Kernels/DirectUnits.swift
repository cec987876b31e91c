internal import CNNKernels

/// How the results of a direct convolution are cut into units of work: blocks of output channels,
/// and rows.
struct DirectUnits: Sendable {
  private let allBlocks: Int
  private let rows: Int
  /// Blocks of a unit, and into how many parts the rows are cut.
  private let blocks: Int
  private let rowUnits: Int
  private let pixels: Int

  /// Multiply-adds of a unit: some tens of microseconds.
  private static let mostWork = 3 << 20
  /// The same where units copy the rows that they read: neighbours copy some of them again.
  private static let mostWorkWithRows = 8 << 20
  /// Parts of the rows of such a layer, at least.
  private static let fewestParts = 8
  /// Numbers of weights of a unit: part of a level 2 cache.
  private static let mostWeights = 96 << 10
  /// The same where units copy the rows that they read, for they read them once only.
  private static let mostWeightsWithRows = 160 << 10
  /// Pixels for each thread from which on it is worth reading all weights.
  private static let fewestPixels = 56

  /// Few enough blocks and rows that threads end together, but of the blocks only as few as their
  /// weights ask for, since each unit reads its input again.
  ///
  /// - Parameters:
  ///   - blockWeights: numbers of the weights of a block.
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

  /// Whether each unit makes the results of all channels.
  var haveAllBlocks: Bool { blocks >= allBlocks }
  /// Rows of the largest unit.
  var mostRows: Int { (rows + rowUnits - 1) / rowUnits }

  /// Units of a batch.
  func count(pictures: Int) -> Int { blockUnits * pictures * rowUnits }

  /// Into how many parts the rows of a batch are cut for `lanes` threads, each of which then has
  /// one, or some channels of one.
  func parts(pictures: Int, lanes: Int) -> Int {
    let most = min(pictures * pixels / Self.fewestPixels, pictures * rowUnits)
    return (1...lanes).last { lanes.isMultiple(of: $0) && $0 <= most } ?? 1
  }

  /// One of the units: those of a part follow each other, and in it those with the same weights.
  func unit(_ index: Int, pictures: Int, parts: Int) -> cnn_unit {
    let all = pictures * rowUnits
    let part = ((index / blockUnits + 1) * parts - 1) / all
    let (first, last) = (part * all / parts, (part + 1) * all / parts)
    let (blockUnit, place) =
      (index - first * blockUnits).quotientAndRemainder(dividingBy: last - first)
    let (picture, rowUnit) = (first + place).quotientAndRemainder(dividingBy: rowUnits)
    var unit = cnn_unit()
    unit.picture = picture
    (unit.first, unit.last) = (rowUnit * rows / rowUnits, (rowUnit + 1) * rows / rowUnits)
    unit.first_block = blockUnit * blocks
    unit.last_block = min(allBlocks, unit.first_block + blocks)
    return unit
  }

  private var blockUnits: Int { (allBlocks + blocks - 1) / blocks }
}
