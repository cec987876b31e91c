internal import CNNSystem

/// The chunks of a PNG, found by their lengths before libpng reads them: a chunk that announces
/// more bytes than the file has is refused here, before anything is allocated for it.
extension PictureStructure {
  /// Reads all chunks. After the first pixel data, damage ends this without an error: the decoder
  /// knows how much of the picture is there.
  ///
  /// - Throws: `corrupt`, `truncated` or `unsupported` for damage before the pixel data.
  mutating func readPNG(_ bytes: Bytes) throws(CNNError) {
    var reader = ByteReader(bytes, domain: .picture)
    try reader.skip(PictureFormat.pngSignature.count)
    frame = try Self.pngHeader(&reader)
    var hasPixels = false
    while !reader.isAtEnd {
      let chunk: PNGChunk
      do {
        chunk = try Self.readChunk(&reader)
      } catch {
        if hasPixels { break }
        throw error
      }
      switch chunk.type {
      case "IDAT": hasPixels = true
      case "eXIf": exif = exif ?? chunk.contents
      case "acTL": isAnimated = true
      default: break
      }
      if chunk.type == "IEND" { break }
    }
  }

  private struct PNGChunk {
    let type: String
    let contents: Bytes
  }

  private static func readChunk(_ reader: inout ByteReader) throws(CNNError) -> PNGChunk {
    let start = reader.position
    let length = try Int(reader.read(UInt32.self, .big))
    let type = try reader.read(count: 4).array
    guard type.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }), length <= Int(Int32.max) else {
      throw CNNError(.picture, .corrupt, "there should be a PNG chunk here", at: .byte(start))
    }
    let name = String(decoding: type, as: UTF8.self)
    // Pixel data may end early: libpng reads them in pieces.
    let available = name == "IDAT" ? min(length, reader.remaining) : length
    guard available <= reader.remaining else {
      throw CNNError(
        .picture, .truncated, "the file ends inside the PNG chunk \(name)", at: .byte(start),
        found: "\(reader.remaining) bytes", expected: "\(length)",
        remedy: "Fetch or copy the file again")
    }
    let contents = try reader.read(count: available)
    // Skips the checksum, which libpng verifies.
    try reader.skip(min(4, reader.remaining))
    return PNGChunk(type: name, contents: contents)
  }

  private static func pngHeader(_ reader: inout ByteReader) throws(CNNError) -> Frame {
    let chunk = try readChunk(&reader)
    guard chunk.type != "CgBI" else {
      throw CNNError(
        .picture, .unsupported, "this is Apple's variant of PNG (CgBI), made for an iOS app",
        remedy: "Turn it back with `pngcrush -revert-iphone-optimizations FILE picture.png`")
    }
    guard chunk.type == "IHDR", chunk.contents.count == 13 else {
      throw CNNError(.picture, .corrupt, "the PNG does not begin with its header", at: .byte(8))
    }
    var fields = ByteReader(chunk.contents, domain: .picture)
    let width = try fields.read(UInt32.self, .big)
    let height = try fields.read(UInt32.self, .big)
    let bitDepth = try fields.readByte()
    let colourType = try fields.readByte()
    return Frame(
      width: Int(width), height: Int(height), bitsPerComponent: Int(bitDepth),
      components: [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType] ?? 0)
  }
}
