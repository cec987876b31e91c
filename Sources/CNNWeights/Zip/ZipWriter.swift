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
    /// Whether sizes are written in 64 bits; decided when the member begins.
    let isWide: Bool
    let headerOffset: Int
  }

  private var file: AtomicFile
  private var position = 0
  private var members: [Member] = []
  private var open: (member: Member, written: Int, contentOffset: Int)?
  /// Values from here on are written in 64 bits.
  private let limit32: Int

  /// Begins an archive. Throws `cannotWrite`.
  ///
  /// - Parameter limit32: values from here on are written in 64 bits; lower only in tests.
  init(_ path: FilePath, limit32: Int = Int(ZipFormat.in64)) throws(CNNError) {
    file = try AtomicFile(path)
    self.limit32 = limit32
  }

  /// Begins a member of `size` bytes. Precondition: no member is open.
  ///
  /// - Parameters:
  ///   - size: with a checksum exactly, without one at most.
  ///   - checksum: CRC-32 of the contents; nil where it is not known yet and shall follow behind
  ///     them.
  mutating func beginMember(_ name: String, size: Int, checksum: UInt32?) throws(CNNError) {
    precondition(open == nil, "a member is still open")
    precondition(name.utf8.count <= 1024, "the name of a member is too long")
    let member = Member(
      name: Array(name.utf8), flags: checksum == nil ? [.utf8, .hasDescriptor] : .utf8,
      checksum: checksum ?? 0, size: size, isWide: size >= limit32, headerOffset: position)
    try write(localHeader(member))
    open = (member, 0, position)
  }

  /// Appends to the open member. Precondition: it does not grow beyond its size.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CNNError) {
    guard let (member, written, offset) = open else { preconditionFailure("no member is open") }
    precondition(bytes.count <= member.size - written, "more bytes than announced")
    var updated = member
    if member.flags.contains(.hasDescriptor) {
      updated.checksum = Checksum.update(member.checksum, with: bytes)
    }
    open = (updated, written + bytes.count, offset)
    try file.write(bytes)
    position += bytes.count
  }

  /// Ends the open member. Precondition: where its checksum was announced, all its bytes have been
  /// appended.
  mutating func endMember() throws(CNNError) {
    guard let (begun, written, _) = open else { preconditionFailure("no member is open") }
    var member = begun
    if member.flags.contains(.hasDescriptor) {
      member.size = written
      try write(descriptor(member))
    }
    precondition(written == member.size, "the member has fewer bytes than announced")
    members.append(member)
    open = nil
  }

  /// Replaces the first bytes of the open member, `old`, by as many others. Precondition: its
  /// checksum was not announced.
  mutating func replacePrefix(_ old: [UInt8], by new: [UInt8]) throws(CNNError) {
    guard let (begun, written, offset) = open, begun.flags.contains(.hasDescriptor) else {
      preconditionFailure("no member is open that could still change")
    }
    var member = begun
    precondition(old.count == new.count && written >= new.count, "another prefix was written")
    // CRC-32 is linear: what the prefix contributed is taken out, and the new one put in.
    let rest = written - new.count
    let zero = Checksum.combine(Checksum.of(old), 0, secondCount: rest)
    let replaced = Checksum.combine(Checksum.of(new), 0, secondCount: rest)
    member.checksum ^= zero ^ replaced
    try file.overwrite(new, at: offset)
    open = (member, written, offset)
  }

  /// Writes the directory and gives the file its name. Throws `cannotWrite`.
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

  private func localHeader(_ member: Member) -> LittleEndianFields {
    let isDeferred = member.flags.contains(.hasDescriptor)
    let size = isDeferred ? 0 : member.size
    var extra = LittleEndianFields()
    if member.isWide {
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
    fields.append(UInt16(member.isWide ? 45 : 20), member.flags.rawValue, 0, 0, 0x0021)
    let size32 = member.isWide ? ZipFormat.in64 : UInt32(size)
    fields.append(checksum, size32, size32)
    return fields
  }

  private func descriptor(_ member: Member) -> LittleEndianFields {
    var fields = LittleEndianFields()
    fields.append(ZipFormat.descriptorSignature, member.checksum)
    if member.isWide {
      fields.append(UInt64(member.size), UInt64(member.size))
    } else {
      fields.append(UInt32(member.size), UInt32(member.size))
    }
    return fields
  }

  private func centralHeader(_ member: Member) -> LittleEndianFields {
    let isFar = member.headerOffset >= limit32
    var numbers = LittleEndianFields()
    if member.isWide { numbers.append(UInt64(member.size), UInt64(member.size)) }
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
