internal import CNNSystem

/// Arrays of NumPy's files: `.npy`, and `.npz`, a zip archive with a `.npy` member for each array.
enum NumPyFile {
  static let memberSuffix = ".npy"

  /// Reads a whole `.npy` file.
  ///
  /// - Parameter name: the name of the array where the file gives none.
  /// - Throws: `corrupt`, `truncated`, `tooLarge`, `unsupported`, or `unsafe` for a pickle that
  ///   names anything but NumPy's arrays.
  static func readArray(_ bytes: Bytes, name: String) throws(CNNError) -> FileContents {
    var reader = ByteReader(bytes, domain: .weights)
    let header = try NPYHeader(&reader)
    if header.dataType == .object {
      return try readObjects(&reader, prefix: nil, rootName: name)
    }
    return try plan(header, name: name, storage: ArrayStorage(bytes))
  }

  /// Reads the headers of all members of an archive. Elements are not read; arrays of objects are
  /// unpickled at once.
  ///
  /// - Parameter checksum: whether elements must match the archive's checksum at their first use.
  /// - Throws: like `readArray`, with the name of the member.
  static func readArchive(
    _ archive: ZipArchive, checksum: ZipMember.ChecksumPolicy
  ) throws(CNNError) -> FileContents {
    var contents = FileContents()
    for member in archive.members {
      guard member.name.hasSuffix(memberSuffix) else {
        contents.ignored.append(
          NamedArrays.IgnoredEntry(name: member.name, reason: "not a .npy member"))
        continue
      }
      let name = String(member.name.dropLast(memberSuffix.count))
      let array: FileContents
      do {
        array = try readMember(member, name: name, checksum: checksum)
      } catch {
        var named = error
        named.problem = "array \(name.printable): " + error.problem
        throw named
      }
      contents.arrays += array.arrays
      contents.ignored += array.ignored
    }
    return contents
  }

  private static func readMember(
    _ member: ZipMember, name: String, checksum: ZipMember.ChecksumPolicy
  ) throws(CNNError) -> FileContents {
    let headerSize = try NPYHeader.size(
      prefix: try member.prefix(NPYHeader.lengthPrefix), origin: member.offset)
    var reader = ByteReader(
      try member.prefix(headerSize), domain: .weights, origin: member.offset)
    let header = try NPYHeader(&reader)
    guard header.dataType == .object else {
      return try plan(header, name: name, storage: ArrayStorage(member, checksum: checksum))
    }
    let contents = try member.contents(
      checksum: checksum, threads: Workers.defaultCount)
    var whole = ByteReader(contents, domain: .weights, origin: member.offset)
    try whole.skip(header.byteCount)
    return try readObjects(&whole, prefix: name, rootName: name)
  }

  /// The array that `header` describes, whose elements end `storage`.
  private static func plan(
    _ header: NPYHeader, name: String, storage: ArrayStorage
  ) throws(CNNError) -> FileContents {
    guard case .number(let type, let byteOrder) = header.dataType else {
      let reason = header.dataType.description
      return FileContents(ignored: [NamedArrays.IgnoredEntry(name: name, reason: reason)])
    }
    let expected = try ArrayShape.byteCount(of: header.shape, elementSize: type.byteSize)
    let found = storage.count - header.byteCount
    guard found == expected else {
      throw CNNError(
        .weights, found < expected ? .truncated : .corrupt,
        "an array of shape \(header.shape) and type \(type.rawValue) has the wrong size",
        at: .tensor(name.printable), found: "\(found) bytes", expected: "\(expected)")
    }
    let array = NamedArray(
      name: name, shape: header.shape, elementType: type, byteOrder: byteOrder,
      order: header.isFortranOrder ? .columnMajor : .rowMajor, storage: storage,
      range: header.byteCount..<storage.count)
    return FileContents(arrays: [array])
  }

  /// The pickle behind the header, which NumPy writes for arrays of objects.
  private static func readObjects(
    _ reader: inout ByteReader, prefix: String?, rootName: String
  ) throws(CNNError) -> FileContents {
    let start = reader.offset
    let pickle = try reader.read(count: reader.remaining)
    var unpickler = Unpickler(
      ByteReader(pickle, domain: .weights, origin: start), NumPyPickle())
    let root = try unpickler.run()
    guard unpickler.reader.isAtEnd else {
      throw unpickler.reader.failure(.corrupt, "there are bytes behind the end of the pickle")
    }
    let names = try PickledArrayNames(
      root, unpickler.heap, prefix: prefix, rootName: rootName)
    return FileContents(arrays: names.arrays, ignored: names.ignored)
  }
}
