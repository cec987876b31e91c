internal import CNNSystem

/// The segments of a JPEG before its pixel data: the frame header and the Exif block.
extension PictureStructure {
  /// Reads the segments up to the first scan. Damage ends this with what was found so far.
  mutating func readJPEG(_ bytes: Bytes) {
    var reader = ByteReader(bytes, domain: .picture)
    do throws(CNNError) {
      try reader.skip(2)
      while try readSegment(&reader) {}
    } catch {}
  }

  /// Reads one segment; false where the pixels begin.
  private mutating func readSegment(_ reader: inout ByteReader) throws(CNNError) -> Bool {
    switch try Self.nextMarker(&reader) {
    case 0x01, 0xD0...0xD8: return true
    case 0xD9, 0xDA: return false
    case let marker:
      let length = try Int(reader.read(UInt16.self, .big))
      guard length >= 2 else { return false }
      let payload = try reader.read(count: length - 2)
      switch marker {
      // Start of frame; the three others in this range define tables.
      case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker) && frame == nil:
        frame = try Self.jpegFrame(payload)
      case 0xE1 where exif == nil: exif = Self.exifBlock(payload)
      default: break
      }
      return true
    }
  }

  /// The code of the next marker. Bytes between segments are skipped, as libjpeg does.
  private static func nextMarker(_ reader: inout ByteReader) throws(CNNError) -> UInt8 {
    while true {
      while try reader.readByte() != 0xFF {}
      var code = try reader.readByte()
      while code == 0xFF { code = try reader.readByte() }
      if code != 0 { return code }
    }
  }

  private static func jpegFrame(_ payload: Bytes) throws(CNNError) -> Frame {
    var reader = ByteReader(payload, domain: .picture)
    let precision = try reader.readByte()
    let height = try reader.read(UInt16.self, .big)
    let width = try reader.read(UInt16.self, .big)
    return Frame(
      width: Int(width), height: Int(height), bitsPerComponent: Int(precision),
      components: Int(try reader.readByte()))
  }

  /// The TIFF block after the name `Exif`; nil where the payload has another name.
  static func exifBlock(_ payload: Bytes) -> Bytes? {
    let name: [UInt8] = Array("Exif".utf8) + [0, 0]
    return payload.hasPrefix(name) ? payload[name.count..<payload.count] : nil
  }
}
