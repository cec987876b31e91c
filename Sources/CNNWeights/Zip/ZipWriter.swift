internal import CNNSystem
internal import SystemPackage

/// Writes a zip archive of stored members front to back, through an `AtomicFile`.
///
/// The contents of each member begin at a multiple of 64 bytes, so that a mapped array can be read
/// with aligned loads. Sizes beyond 32 bits go to zip64 fields.
struct ZipWriter: ~Copyable {
  static let alignment = 64

  /// What the directory at the end says about a member.
  private struct Member {
    var name: [UInt8]
    var flags: ZipFormat.Flags
    var checksum: UInt32
    var size: Int
    var headerOffset: Int
  }

  private var file: AtomicFile
  private var position = 0
  private var members: [Member] = []
  private var open: (member: Member, written: Int)?
  /// The first number that no 32-bit field takes.
  private let limit32: Int

  /// Begins an archive. Throws `cannotWrite`.
  ///
  /// - Parameter limit32: numbers from here on are written in 64 bits; lower only in tests.
  init(_ path: FilePath, limit32: Int = Int(ZipFormat.in64)) throws(CNNError) {
    file = try AtomicFile(path)
    self.limit32 = limit32
  }

  /// Begins a member of `size` bytes. Precondition: no member is open.
  ///
  /// - Parameter checksum: CRC-32 of the contents; nil where it is not known yet and shall follow
  ///   behind them.
  mutating func beginMember(_ name: String, size: Int, checksum: UInt32?) throws(CNNError) {
    precondition(open == nil, "a member is still open")
    precondition(name.utf8.count <= 1024, "the name of a member is too long")
    let member = Member(
      name: Array(name.utf8), flags: checksum == nil ? [.utf8, .hasDescriptor] : .utf8,
      checksum: checksum ?? 0, size: size, headerOffset: position)
    try write(localHeader(member))
    open = (member, 0)
  }

  /// Appends to the open member. Precondition: it does not grow beyond its size.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CNNError) {
    guard let (member, written) = open else { preconditionFailure("no member is open") }
    precondition(bytes.count <= member.size - written, "more bytes than announced")
    var updated = member
    if member.flags.contains(.hasDescriptor) {
      updated.checksum = Checksum.update(member.checksum, with: bytes)
    }
    open = (updated, written + bytes.count)
    try file.write(bytes)
    position += bytes.count
  }

  /// Ends the open member. Precondition: all its bytes have been appended.
  mutating func endMember() throws(CNNError) {
    guard let (member, written) = open, written == member.size else {
      preconditionFailure("the member has fewer bytes than announced")
    }
    if member.flags.contains(.hasDescriptor) { try write(descriptor(member)) }
    members.append(member)
    open = nil
  }

  /// Writes the directory and puts the file in its place. Throws `cannotWrite`.
  mutating func finish() throws(CNNError) {
    precondition(open == nil, "a member is still open")
    let start = position
    for member in members { try write(centralHeader(member)) }
    try write(endRecords(directoryStart: start))
    try file.commit()
  }

  private mutating func write(_ fields: LittleEndianFields) throws(CNNError) {
    try file.write(fields.bytes)
    position += fields.bytes.count
  }

  private func isWide(_ member: Member) -> Bool { member.size >= limit32 }

  private func localHeader(_ member: Member) -> LittleEndianFields {
    let isDeferred = member.flags.contains(.hasDescriptor)
    let size = isDeferred ? 0 : member.size
    var extra = LittleEndianFields()
    if isWide(member) {
      extra.append(ZipFormat.zip64Extra, UInt16(16))
      extra.append(UInt64(size), UInt64(size))
    }
    let end = position + ZipFormat.localSize + member.name.count + extra.bytes.count + 4
    let padding = (Self.alignment - end % Self.alignment) % Self.alignment
    extra.append(ZipFormat.paddingExtra, UInt16(padding))
    extra.bytes += [UInt8](repeating: 0, count: padding)

    var header = LittleEndianFields()
    header.append(ZipFormat.localSignature)
    header.append(common(member, checksum: member.checksum, size: size))
    header.append(UInt16(member.name.count), UInt16(extra.bytes.count))
    header.bytes += member.name + extra.bytes
    return header
  }

  /// The fields that a local and a central header share: version to uncompressed size.
  private func common(_ member: Member, checksum: UInt32, size: Int) -> LittleEndianFields {
    var fields = LittleEndianFields()
    // Version 4.5 knows zip64, 2.0 is enough else; method 0; midnight of 1 January 1980, so that
    // equal contents make equal files.
    fields.append(UInt16(isWide(member) ? 45 : 20), member.flags.rawValue, 0, 0, 0x0021)
    let size32 = isWide(member) ? ZipFormat.in64 : UInt32(size)
    fields.append(checksum, size32, size32)
    return fields
  }

  private func descriptor(_ member: Member) -> LittleEndianFields {
    var fields = LittleEndianFields()
    fields.append(ZipFormat.descriptorSignature, member.checksum)
    if isWide(member) {
      fields.append(UInt64(member.size), UInt64(member.size))
    } else {
      fields.append(UInt32(member.size), UInt32(member.size))
    }
    return fields
  }

  private func centralHeader(_ member: Member) -> LittleEndianFields {
    let isFar = member.headerOffset >= limit32
    var numbers = LittleEndianFields()
    if isWide(member) { numbers.append(UInt64(member.size), UInt64(member.size)) }
    if isFar { numbers.append(UInt64(member.headerOffset)) }
    var extra = LittleEndianFields()
    if !numbers.bytes.isEmpty {
      extra.append(ZipFormat.zip64Extra, UInt16(numbers.bytes.count))
      extra.append(numbers)
    }
    var header = LittleEndianFields()
    header.append(ZipFormat.centralSignature)
    header.append(UInt16(45))
    header.append(common(member, checksum: member.checksum, size: member.size))
    header.append(UInt16(member.name.count), UInt16(extra.bytes.count), 0, 0, 0)
    header.append(UInt32(0), isFar ? ZipFormat.in64 : UInt32(member.headerOffset))
    header.bytes += member.name + extra.bytes
    return header
  }

  private func endRecords(directoryStart: Int) -> LittleEndianFields {
    let (count, size) = (members.count, position - directoryStart)
    var fields = LittleEndianFields()
    if count >= Int(ZipFormat.in64Short) || size >= limit32 || directoryStart >= limit32 {
      fields.append(ZipFormat.end64Signature)
      fields.append(UInt64(ZipFormat.end64Size - 12))
      fields.append(UInt16(45), UInt16(45))
      fields.append(UInt32(0), UInt32(0))
      fields.append(UInt64(count), UInt64(count), UInt64(size), UInt64(directoryStart))
      fields.append(ZipFormat.locatorSignature, UInt32(0))
      fields.append(UInt64(position))
      fields.append(UInt32(1))
    }
    fields.append(ZipFormat.endSignature)
    let count16 = UInt16(clamping: count)
    fields.append(UInt16(0), UInt16(0), count16, count16)
    fields.append(
      size >= limit32 ? ZipFormat.in64 : UInt32(size),
      directoryStart >= limit32 ? ZipFormat.in64 : UInt32(directoryStart))
    fields.append(UInt16(0))
    return fields
  }
}
