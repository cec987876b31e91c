internal import CNNSystem

/// The chunks of a WebP, whose container is RIFF.
///
/// Source: RFC 9649, WebP Image Format.
extension PictureStructure {
  /// Reads all chunks. Damage ends this with what was found so far.
  mutating func readWebP(_ bytes: Bytes) {
    var reader = ByteReader(bytes, domain: .picture)
    var animationFrames = 0
    do throws(CNNError) {
      // The name of the container, its length, and the name of the format.
      try reader.skip(12)
      while !reader.isAtEnd {
        let name = try String(decoding: reader.read(count: 4).array, as: UTF8.self)
        let length = try Int(reader.read(UInt32.self, .little))
        let payload = try reader.read(count: min(length, reader.remaining))
        switch name {
        case "VP8X" where frame == nil: frame = try Self.canvas(payload)
        case "VP8 " where frame == nil: frame = try Self.lossyFrame(payload)
        case "VP8L" where frame == nil: frame = try Self.losslessFrame(payload)
        // Some programs write the name that the block has in a JPEG before it.
        case "EXIF" where exif == nil: exif = Self.exifBlock(payload) ?? payload
        case "ANMF": animationFrames += 1
        default: break
        }
        // Chunks begin at even offsets.
        try reader.skip(length % 2)
      }
    } catch {}
    isAnimated = animationFrames > 1
  }

  /// The header of a file with several chunks.
  private static func canvas(_ payload: Bytes) throws(CNNError) -> Frame {
    var reader = ByteReader(payload, domain: .picture)
    let hasAlpha = try reader.readByte() & 0x10 != 0
    try reader.skip(3)
    let width = try uint24(&reader)
    let height = try uint24(&reader)
    return Frame(
      width: width + 1, height: height + 1, bitsPerComponent: 8, components: hasAlpha ? 4 : 3)
  }

  private static func uint24(_ reader: inout ByteReader) throws(CNNError) -> Int {
    let low = try Int(reader.read(UInt16.self, .little))
    return try low | Int(reader.readByte()) << 16
  }

  private static func lossyFrame(_ payload: Bytes) throws(CNNError) -> Frame? {
    var reader = ByteReader(payload, domain: .picture)
    try reader.skip(3)
    guard try reader.read(count: 3).array == [0x9D, 0x01, 0x2A] else { return nil }
    // The upper two bits of each side ask for scaling on display.
    let width = try reader.read(UInt16.self, .little) & 0x3FFF
    let height = try reader.read(UInt16.self, .little) & 0x3FFF
    return Frame(width: Int(width), height: Int(height), bitsPerComponent: 8, components: 3)
  }

  private static func losslessFrame(_ payload: Bytes) throws(CNNError) -> Frame? {
    var reader = ByteReader(payload, domain: .picture)
    guard try reader.readByte() == 0x2F else { return nil }
    let fields = try reader.read(UInt32.self, .little)
    return Frame(
      width: Int(fields & 0x3FFF) + 1, height: Int(fields >> 14 & 0x3FFF) + 1,
      bitsPerComponent: 8, components: fields >> 28 & 1 == 1 ? 4 : 3)
  }
}
