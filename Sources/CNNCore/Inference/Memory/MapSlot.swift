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

  /// Numbers in a block of a picture.
  static let blockChannels = 16

  /// Blocks that `channels` fill, the last one perhaps in part.
  static func blocks(of channels: Int) -> Int { (channels + blockChannels - 1) / blockChannels }

  /// Blocks of this map.
  var blocks: Int { MapSlot.blocks(of: channels) }
  /// Pixels of a channel.
  var plane: Int { extent.height * extent.width }
  /// Numbers of a block, all its pixels.
  var blockSize: Int { plane * MapSlot.blockChannels }
  /// Distance of two pictures, in numbers.
  var pictureStride: Int { bufferBlocks * blockSize }
}

/// A result that a step reads.
enum Operand: Sendable {
  /// A tensor under its node's name.
  case tensor(String)
  /// A blocked map.
  case map(MapSlot)
}
