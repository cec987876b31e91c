internal import CNNSystem

extension Orientation {
  /// The orientation in an Exif block, which is a small TIFF file.
  ///
  /// Nil where there is none and where the block is damaged: a picture never fails by its Exif.
  init?(exif block: Bytes) {
    guard let value = try? Self.value(inTIFF: block), let orientation = Orientation(rawValue: value)
    else { return nil }
    self = orientation
  }

  /// The tag's value in the first directory; others describe the thumbnail and are not followed.
  private static func value(inTIFF block: Bytes) throws(CNNError) -> Int? {
    var reader = ByteReader(block, domain: .picture)
    let endianness: ByteReader.Endianness
    switch try reader.read(UInt16.self, .big) {
    case 0x4949: endianness = .little
    case 0x4D4D: endianness = .big
    default: return nil
    }
    guard try reader.read(UInt16.self, endianness) == 42 else { return nil }
    try reader.seek(to: Int(reader.read(UInt32.self, endianness)))
    for _ in 0..<(try reader.read(UInt16.self, endianness)) {
      let tag = try reader.read(UInt16.self, endianness)
      let type = try reader.read(UInt16.self, endianness)
      let count = try reader.read(UInt32.self, endianness)
      guard tag == orientationTag, count == 1 else {
        try reader.skip(4)
        continue
      }
      switch type {
      case 3: return try Int(reader.read(UInt16.self, endianness))
      case 4: return try Int(reader.read(UInt32.self, endianness))
      default: return nil
      }
    }
    return nil
  }

  private static let orientationTag: UInt16 = 0x0112
}
