internal import CNNSystem

/// The blocks of a GIF.
///
/// Source: CompuServe, Graphics Interchange Format, version 89a.
extension PictureStructure {
  /// Reads blocks up to the second frame. Damage ends this with what was found so far.
  mutating func readGIF(_ bytes: Bytes) {
    var reader = ByteReader(bytes, domain: .picture)
    do throws(CNNError) {
      try reader.skip(6)
      let width = try Int(reader.read(UInt16.self, .little))
      let height = try Int(reader.read(UInt16.self, .little))
      let flags = try reader.readByte()
      try reader.skip(2 + Self.paletteSize(flags))
      while true {
        switch try reader.readByte() {
        case UInt8(ascii: "!"):
          try reader.skip(1)
          try Self.skipSubBlocks(&reader)
        case UInt8(ascii: ","):
          guard frame == nil else {
            isAnimated = true
            return
          }
          frame = try Self.gifFrame(&reader, screenWidth: width, screenHeight: height)
        default: return
        }
      }
    } catch {}
  }

  /// Reads a frame. One that reaches beyond the screen enlarges it.
  private static func gifFrame(
    _ reader: inout ByteReader, screenWidth: Int, screenHeight: Int
  ) throws(CNNError) -> Frame {
    let left = try Int(reader.read(UInt16.self, .little))
    let top = try Int(reader.read(UInt16.self, .little))
    let width = try Int(reader.read(UInt16.self, .little))
    let height = try Int(reader.read(UInt16.self, .little))
    let flags = try reader.readByte()
    // After the palette, one byte tells the size of the codes.
    try reader.skip(paletteSize(flags) + 1)
    try skipSubBlocks(&reader)
    return Frame(
      width: max(screenWidth, left + width), height: max(screenHeight, top + height),
      bitsPerComponent: 8, components: 1)
  }

  private static func paletteSize(_ flags: UInt8) -> Int {
    flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
  }

  /// Skips blocks that begin with their length, up to one of length 0.
  private static func skipSubBlocks(_ reader: inout ByteReader) throws(CNNError) {
    while case let length = try reader.readByte(), length > 0 { try reader.skip(Int(length)) }
  }
}
