internal import CNNSystem

/// A zip archive, read strictly, so that every reader finds the same members in it.
///
/// The central directory is read once and the local headers must say the same; the ranges of
/// members are disjoint; counts and sizes agree; names are unique; nothing is encrypted. Members
/// are stored (method 0) or deflated (method 8). There are attacks on readers that leave one of these
/// checks out (CVE-2024-0450, CVE-2025-1944, CVE-2025-1945).
struct ZipArchive {
  /// The members in the order of the directory, without those that only name a folder.
  let members: [ZipMember]

  /// Reads the directory and all local headers, and none of the contents.
  ///
  /// - Throws: `truncated`, `corrupt` or `unsupported`.
  init(_ bytes: Bytes) throws(CNNError) {
    let directory = try ZipDirectory(bytes)
    let entries = try Self.readDirectory(bytes, directory)
    var members: [ZipMember] = []
    var ranges: [Range<Int>] = []
    for entry in entries {
      let (member, range) = try Self.locate(entry, in: bytes, before: directory.range.lowerBound)
      ranges.append(range)
      if !member.name.hasSuffix("/") { members.append(member) }
    }
    try Self.requireDisjoint(ranges, entries)
    self.members = members
  }

  /// The member `name`, or nil.
  func member(_ name: String) -> ZipMember? { members.first { $0.name == name } }

  private static func readDirectory(
    _ bytes: Bytes, _ directory: ZipDirectory
  ) throws(CNNError) -> [ZipEntry] {
    var reader = ByteReader(
      bytes[directory.range], domain: .weights, origin: directory.range.lowerBound)
    var names: Set<[UInt8]> = []
    var entries: [ZipEntry] = []
    for _ in 0..<directory.memberCount {
      let entry = try ZipEntry(central: &reader)
      guard names.insert(entry.name).inserted else {
        throw reader.failure(
          .corrupt, "two members of the zip archive are called \(entry.displayName)")
      }
      entries.append(entry)
    }
    guard reader.isAtEnd else {
      throw reader.failure(
        .corrupt, "the zip directory holds more than the \(entries.count) members it counts")
    }
    return entries
  }

  /// The member of `entry`, and all bytes that belong to it: header, data and descriptor.
  private static func locate(
    _ entry: ZipEntry, in bytes: Bytes, before limit: Int
  ) throws(CNNError) -> (ZipMember, Range<Int>) {
    guard let start = Int(exactly: entry.headerOffset), start < limit else {
      throw refusal(entry, .corrupt, "lies outside of the archive")
    }
    var reader = ByteReader(bytes[0..<limit], domain: .weights)
    try reader.seek(to: start)
    let local = try ZipEntry(local: &reader)
    let offset = reader.position
    guard let packedSize = Int(exactly: entry.packedSize), packedSize <= reader.remaining else {
      throw refusal(
        entry, .truncated, "reaches past the end of the archive", at: offset,
        found: "\(reader.remaining) bytes", expected: "\(entry.packedSize)")
    }
    let packed = try reader.read(count: packedSize)
    try requireAgreement(entry, local, start)
    if entry.flags.contains(.hasDescriptor), local.checksum == 0, local.packedSize == 0 {
      try readDescriptor(&reader, of: entry, local)
    }
    let member = ZipMember(
      name: try name(of: entry, at: start), method: try method(of: entry, at: start),
      checksum: entry.checksum, size: try size(of: entry, packedSize: packedSize, at: start),
      packed: packed, offset: offset)
    return (member, start..<reader.position)
  }

  private static func requireAgreement(
    _ entry: ZipEntry, _ local: ZipEntry, _ offset: Int
  ) throws(CNNError) {
    guard entry.flags.isDisjoint(with: .refused) else {
      throw refusal(entry, .unsupported, "is encrypted", at: offset)
    }
    let isDeferred =
      entry.flags.contains(.hasDescriptor) && local.checksum == 0 && local.packedSize == 0
      && local.size == 0
    let sizesAgree =
      local.checksum == entry.checksum && local.packedSize == entry.packedSize
      && local.size == entry.size
    guard
      local.name == entry.name, local.flags == entry.flags, local.method == entry.method,
      sizesAgree || isDeferred
    else {
      throw refusal(entry, .corrupt, "has a header that contradicts the directory", at: offset)
    }
  }

  /// Checksum and sizes behind the data, written by programs that could not go back to the header.
  private static func readDescriptor(
    _ reader: inout ByteReader, of entry: ZipEntry, _ local: ZipEntry
  ) throws(CNNError) {
    let start = reader.position
    let signature = try reader.read(UInt32.self, .little)
    let checksum = try reader.read(UInt32.self, .little)
    let (packedSize, size): (UInt64, UInt64)
    if local.isZip64 {
      packedSize = try reader.read(UInt64.self, .little)
      size = try reader.read(UInt64.self, .little)
    } else {
      packedSize = UInt64(try reader.read(UInt32.self, .little))
      size = UInt64(try reader.read(UInt32.self, .little))
    }
    guard
      signature == ZipFormat.descriptorSignature, checksum == entry.checksum,
      packedSize == entry.packedSize, size == entry.size
    else {
      throw refusal(entry, .corrupt, "has a trailer that contradicts the directory", at: start)
    }
  }

  private static func requireDisjoint(
    _ ranges: [Range<Int>], _ entries: [ZipEntry]
  ) throws(CNNError) {
    let order = ranges.indices.sorted { ranges[$0].lowerBound < ranges[$1].lowerBound }
    for (first, second) in zip(order, order.dropFirst())
    where ranges[first].upperBound > ranges[second].lowerBound {
      throw refusal(
        entries[second], .corrupt, "overlaps \(entries[first].displayName)",
        at: ranges[second].lowerBound)
    }
  }

  private static func name(of entry: ZipEntry, at offset: Int) throws(CNNError) -> String {
    guard let name = String(validating: entry.name, as: UTF8.self), !name.contains("\0") else {
      throw refusal(entry, .unsupported, "has a name that is not UTF-8", at: offset)
    }
    return name
  }

  private static func method(
    of entry: ZipEntry, at offset: Int
  ) throws(CNNError) -> ZipMember.Method {
    switch entry.method {
    case 0: return .stored
    case 8: return .deflated
    default:
      throw refusal(
        entry, .unsupported, "is compressed by a method that is not supported", at: offset,
        found: "method \(entry.method)", expected: "0 (stored) or 8 (deflated)")
    }
  }

  /// The size of the contents, refused where no honest stream can have it.
  private static func size(
    of entry: ZipEntry, packedSize: Int, at offset: Int
  ) throws(CNNError) -> Int {
    let (limit, overflow) = packedSize.multipliedReportingOverflow(by: Deflate.largestExpansion)
    let isPossible =
      entry.method == 0
      ? entry.size == entry.packedSize : overflow || entry.size <= UInt64(limit)
    guard isPossible, let size = Int(exactly: entry.size) else {
      throw refusal(
        entry, .corrupt, "cannot have the size it gives", at: offset,
        found: "\(entry.size) bytes from \(packedSize)")
    }
    return size
  }

  private static func refusal(
    _ entry: ZipEntry, _ code: CNNError.Code, _ problem: String, at offset: Int? = nil,
    found: String? = nil, expected: String? = nil
  ) -> CNNError {
    CNNError(
      .weights, code, "the zip member \(entry.displayName) \(problem)",
      at: offset.map { .byte($0) }, found: found, expected: expected)
  }
}
