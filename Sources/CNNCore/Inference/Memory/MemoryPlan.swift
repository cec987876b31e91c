internal import CNNSystem
internal import Synchronization

/// Where a blocked map lies: `[N][ceil(C / 16)][H * W][16]` in a buffer of the plan, or some of the
/// channels of a wider one.
struct MapSlot: Sendable {
  /// The buffer's number.
  let buffer: Int
  /// Blocks of the whole buffer, for one picture.
  let bufferBlocks: Int
  /// The first block that belongs to this map.
  let firstBlock: Int
  /// Channels of this map.
  let channels: Int
  /// Rows and columns.
  let extent: Extent

  /// Channels in a block.
  static let blockChannels = 16

  /// Blocks that `channels` fill, the last one perhaps in part.
  static func blocks(of channels: Int) -> Int { (channels + blockChannels - 1) / blockChannels }

  /// Blocks of this map.
  var blocks: Int { MapSlot.blocks(of: channels) }
  /// Pixels of a channel.
  var plane: Int { extent.height * extent.width }
  /// Elements of a block, all its pixels.
  var blockSize: Int { plane * MapSlot.blockChannels }
  /// Distance between two pictures, in elements.
  var pictureStride: Int { bufferBlocks * blockSize }
}

/// A result that a step reads.
enum Operand: Sendable {
  /// A tensor, by the name of its node.
  case tensor(String)
  /// A blocked map.
  case map(MapSlot)
}

/// The buffers of a plan and where each lies in one block of memory; buffers that are never in use at
/// the same time share memory. All sizes are for one picture: a batch multiplies them.
struct MemoryPlan: Sendable {
  /// Elements that one picture needs.
  let size: Int
  /// Where each buffer begins, in elements.
  let offsets: [Int]

  /// A buffer, and the steps between which it is in use.
  struct Buffer: Sendable {
    /// Elements for one picture.
    let size: Int
    /// The first step that writes it.
    var first: Int
    /// The last step that writes or reads it.
    var last: Int

    fileprivate func isInUse(with other: Buffer) -> Bool {
      first <= other.last && other.first <= last
    }
  }

  /// Finds an offset for each of `buffers`, the largest first: that of an earlier one of the same size
  /// if possible, because then each thread writes the memory that it wrote before, and else the lowest
  /// that is free.
  init(_ buffers: [Buffer]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    for index in buffers.indices.sorted(by: { buffers[$0].size > buffers[$1].size }) {
      let size = buffers[index].size
      let neighbours = placed.filter { buffers[$0].isInUse(with: buffers[index]) }
        .map { offsets[$0]..<(offsets[$0] + buffers[$0].size) }
      let twin = placed.last { twin in
        let range = offsets[twin]..<(offsets[twin] + size)
        return buffers[twin].size == size && !neighbours.contains { $0.overlaps(range) }
      }
      offsets[index] = twin.map { offsets[$0] } ?? Self.lowestOffset(size, beside: neighbours)
      placed.append(index)
    }
    self.offsets = offsets
    size = buffers.indices.map { offsets[$0] + buffers[$0].size }.max() ?? 0
  }

  private static func lowestOffset(_ size: Int, beside neighbours: [Range<Int>]) -> Int {
    var offset = 0
    for other in neighbours.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if offset + size <= other.lowerBound { break }
      offset = max(offset, other.upperBound)
    }
    return offset
  }
}

/// Memory that a plan reuses in its runs, because the page faults of fresh memory take longer than
/// what is computed in it.
///
/// Of several runs at the same time one uses the reserved block, and the others fresh ones.
final class RunMemory: Sendable {
  private let reserved = Mutex<Memory?>(nil)

  /// Calls `body` with a block of at least `count` elements, 64-byte aligned, of any content.
  func withMemory<Result>(
    count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    let size = count * MemoryLayout<Float>.stride
    let memory =
      reserved.withLock { $0.take() }.flatMap { $0.count >= size ? $0 : nil }
      ?? Memory(byteCount: size)
    defer { reserved.withLock { $0 = memory } }
    return try body(memory.base.assumingMemoryBound(to: Float.self))
  }
}
