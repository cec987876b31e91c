internal import CNNSystem

/// The end of a zip archive: where its central directory is and how many members it lists.
struct ZipDirectory {
  /// The bytes of the directory, counted from the start of the archive.
  let range: Range<Int>
  /// The members it lists.
  let memberCount: Int

  /// Finds the end record, and the zip64 one where there is one, and checks that they agree.
  ///
  /// - Throws: `truncated` where there is no end record, `corrupt` where its fields contradict one
  ///   another, `unsupported` for archives in several parts.
  init(_ archive: Bytes) throws(CNNError) {
    var reader = ByteReader(archive, domain: .weights)
    let end = try Self.endOffset(archive, &reader)
    let plain = try Self.readEnd(&reader, at: end)
    var (record, directoryEnd) = (plain, end)
    if let offset = try Self.end64Offset(&reader, end: end) {
      record = try Self.readEnd64(&reader, at: offset)
      directoryEnd = offset
      guard plain.isAbbreviation(of: record) else {
        throw reader.failure(.corrupt, "the two end records of the zip archive disagree")
      }
    }
    guard record.disks == 0, record.membersHere == record.members else {
      throw reader.failure(.unsupported, "a zip archive in several parts is not supported")
    }
    guard
      let size = Int(exactly: record.size), let start = Int(exactly: record.offset),
      let count = Int(exactly: record.members),
      // Not `start + size`, which may overflow.
      start <= directoryEnd, size == directoryEnd - start,
      count <= size / ZipFormat.centralSize
    else {
      throw CNNError(
        .weights, .corrupt, "the zip directory is not where its end record says",
        at: .byte(directoryEnd), found: "\(record.size) bytes at \(record.offset)",
        expected: "a directory that ends here and holds \(record.members) members")
    }
    range = start..<directoryEnd
    memberCount = count
  }

  /// The fields of an end record, of either kind.
  private struct EndRecord {
    var disks: UInt64
    var membersHere: UInt64
    var members: UInt64
    var size: UInt64
    var offset: UInt64

    /// Whether each field here equals that of `other`, or has the value that refers to it.
    func isAbbreviation(of other: EndRecord) -> Bool {
      func agree(_ short: UInt64, _ long: UInt64, _ sentinel: UInt64) -> Bool {
        short == long || short == sentinel
      }
      let (short, word) = (UInt64(ZipFormat.in64Short), UInt64(ZipFormat.in64))
      return agree(membersHere, other.membersHere, short) && agree(members, other.members, short)
        && agree(size, other.size, word) && agree(offset, other.offset, word)
        && (disks == other.disks || disks == short)
    }
  }

  /// The end record is the last whose comment reaches exactly to the end of the file.
  private static func endOffset(
    _ archive: Bytes, _ reader: inout ByteReader
  ) throws(CNNError) -> Int {
    let last = archive.count - ZipFormat.endSize
    let first = max(0, last - Int(UInt16.max))
    for offset in stride(from: last, through: first, by: -1) {
      try reader.seek(to: offset)
      guard try reader.read(UInt32.self, .little) == ZipFormat.endSignature else { continue }
      try reader.seek(to: offset + ZipFormat.endSize - 2)
      if Int(try reader.read(UInt16.self, .little)) == last - offset { return offset }
    }
    throw CNNError(
      .weights, .truncated, "the zip archive is cut off: the directory at its end is missing",
      at: .byte(archive.count), remedy: "Fetch or copy the file again")
  }

  private static func readEnd(
    _ reader: inout ByteReader, at offset: Int
  ) throws(CNNError) -> EndRecord {
    try reader.seek(to: offset + 4)
    let disk = UInt64(try reader.read(UInt16.self, .little))
    let directoryDisk = UInt64(try reader.read(UInt16.self, .little))
    return EndRecord(
      disks: disk | directoryDisk, membersHere: UInt64(try reader.read(UInt16.self, .little)),
      members: UInt64(try reader.read(UInt16.self, .little)),
      size: UInt64(try reader.read(UInt32.self, .little)),
      offset: UInt64(try reader.read(UInt32.self, .little)))
  }

  /// The offset of the zip64 end record; nil where the archive has none.
  private static func end64Offset(
    _ reader: inout ByteReader, end: Int
  ) throws(CNNError) -> Int? {
    let locator = end - ZipFormat.locatorSize
    guard locator >= ZipFormat.end64Size else { return nil }
    try reader.seek(to: locator)
    guard try reader.read(UInt32.self, .little) == ZipFormat.locatorSignature else { return nil }
    try reader.skip(4)
    let offset = try reader.read(UInt64.self, .little)
    guard let offset = Int(exactly: offset), offset <= locator - ZipFormat.end64Size else {
      throw reader.failure(.corrupt, "the zip64 end record is not where its locator says")
    }
    try reader.seek(to: offset)
    let signature = try reader.read(UInt32.self, .little)
    let size = try reader.read(UInt64.self, .little)
    // The size does not count the signature and itself.
    guard signature == ZipFormat.end64Signature, size == UInt64(locator - offset - 12) else {
      throw reader.failure(.corrupt, "the zip64 end record is damaged")
    }
    return offset
  }

  private static func readEnd64(
    _ reader: inout ByteReader, at offset: Int
  ) throws(CNNError) -> EndRecord {
    try reader.seek(to: offset + 16)
    let disk = UInt64(try reader.read(UInt32.self, .little))
    let directoryDisk = UInt64(try reader.read(UInt32.self, .little))
    return EndRecord(
      disks: disk | directoryDisk, membersHere: try reader.read(UInt64.self, .little),
      members: try reader.read(UInt64.self, .little),
      size: try reader.read(UInt64.self, .little),
      offset: try reader.read(UInt64.self, .little))
  }
}
