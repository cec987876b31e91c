internal import CNNSystem

/// What a local or a central header says about a member; both are read and must agree.
struct ZipEntry {
  var flags: ZipFormat.Flags
  var method: UInt16
  var checksum: UInt32
  var packedSize: UInt64
  var size: UInt64
  /// The bytes of the name, undecoded.
  var name: [UInt8]
  /// Offset of the local header.
  var headerOffset: UInt64 = 0
  /// Whether there is a zip64 block; a descriptor then has 64-bit sizes.
  var isZip64 = false

  /// The name for people.
  var displayName: String { String(decoding: name, as: UTF8.self).printable }

  /// Reads the central header at the position of `reader`.
  init(central reader: inout ByteReader) throws(CNNError) {
    let start = reader.position
    guard try reader.read(UInt32.self, .little) == ZipFormat.centralSignature else {
      try reader.seek(to: start)
      throw reader.failure(.corrupt, "the zip directory is damaged")
    }
    try reader.skip(4)
    (flags, method, checksum, packedSize, size) = try Self.readCommon(&reader)
    let nameCount = Int(try reader.read(UInt16.self, .little))
    let extraCount = Int(try reader.read(UInt16.self, .little))
    let commentCount = Int(try reader.read(UInt16.self, .little))
    let disk = try reader.read(UInt16.self, .little)
    try reader.skip(6)
    headerOffset = UInt64(try reader.read(UInt32.self, .little))
    name = try reader.read(count: nameCount).array
    let extraOffset = reader.position
    let extra = try reader.read(count: extraCount)
    try reader.skip(commentCount)
    try resolve64(extra, at: extraOffset, includingOffset: true)
    guard disk == 0 || disk == ZipFormat.in64Short else {
      throw reader.failure(.unsupported, "a zip archive in several parts is not supported")
    }
  }

  /// Reads the local header at the position of `reader`, which moves on to the data.
  init(local reader: inout ByteReader) throws(CNNError) {
    let start = reader.position
    guard try reader.read(UInt32.self, .little) == ZipFormat.localSignature else {
      try reader.seek(to: start)
      throw reader.failure(.corrupt, "a zip member is not where the directory says")
    }
    try reader.skip(2)
    (flags, method, checksum, packedSize, size) = try Self.readCommon(&reader)
    let nameCount = Int(try reader.read(UInt16.self, .little))
    let extraCount = Int(try reader.read(UInt16.self, .little))
    name = try reader.read(count: nameCount).array
    let extraOffset = reader.position
    let extra = try reader.read(count: extraCount)
    try resolve64(extra, at: extraOffset, includingOffset: false)
  }

  private static func readCommon(
    _ reader: inout ByteReader
  ) throws(CNNError) -> (ZipFormat.Flags, UInt16, UInt32, UInt64, UInt64) {
    let flags = ZipFormat.Flags(rawValue: try reader.read(UInt16.self, .little))
    let method = try reader.read(UInt16.self, .little)
    try reader.skip(4)
    return (
      flags, method, try reader.read(UInt32.self, .little),
      UInt64(try reader.read(UInt32.self, .little)), UInt64(try reader.read(UInt32.self, .little))
    )
  }

  /// Reads the values that do not fit 32 bits from the zip64 block, which has them in this order
  /// and only where the header refers to them.
  private mutating func resolve64(
    _ extra: Bytes, at offset: Int, includingOffset: Bool
  ) throws(CNNError) {
    let sentinel = UInt64(ZipFormat.in64)
    guard var block = try ZipFormat.extra(ZipFormat.zip64Extra, in: extra, at: offset) else {
      guard size != sentinel, packedSize != sentinel, headerOffset != sentinel else {
        throw CNNError(
          .weights, .corrupt, "the member \(displayName) lacks its 64-bit sizes", at: .byte(offset))
      }
      return
    }
    isZip64 = true
    if size == sentinel { size = try block.read(UInt64.self, .little) }
    if packedSize == sentinel { packedSize = try block.read(UInt64.self, .little) }
    if includingOffset, headerOffset == sentinel {
      headerOffset = try block.read(UInt64.self, .little)
    }
  }
}
