internal import CNNSystem

/// Arrays of a `.npy` file, or of a `.npy` member of an archive.
enum NPYFile {
  /// Reads a whole file.
  ///
  /// - Parameter name: the name of the array where the file gives none.
  /// - Throws: `corrupt`, `truncated`, `tooLarge`, `unsupported`, or `unsafe` for a pickle that
  ///   names anything but NumPy's arrays.
  static func read(_ bytes: Bytes, name: String) throws(CNNError) -> FileContents {
    var reader = ByteReader(bytes, domain: .weights)
    let header = try NPYHeader(&reader)
    if header.dataType == .object {
      return try readObjects(&reader, header, prefix: nil, rootName: name)
    }
    return try plan(header, name: name, storage: ArrayStorage(bytes))
  }

  /// Reads a member of an archive; elements are left alone, objects are unpickled at once.
  ///
  /// - Parameter checksum: whether contents must match the archive's checksum.
  static func read(
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
    return try readObjects(&whole, header, prefix: name, rootName: name)
  }

  private static func plan(
    _ header: NPYHeader, name: String, storage: ArrayStorage
  ) throws(CNNError) -> FileContents {
    guard case .number(let type, let byteOrder) = header.dataType else {
      let reason = header.dataType.description
      return FileContents(ignored: [NamedArrays.IgnoredEntry(name: name, reason: reason)])
    }
    let expected = try ArrayShape.byteCount(of: header.shape, type)
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
    _ reader: inout ByteReader, _ header: NPYHeader, prefix: String?, rootName: String
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
