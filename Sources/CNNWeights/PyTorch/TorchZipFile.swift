internal import CNNSystem

/// PyTorch's format since 1.6: a zip archive with `data.pkl`, which describes the tensors, and a
/// member `data/<key>` with the numbers of each storage.
enum TorchZipFile {
  static let pickleName = "data.pkl"

  /// Whether `archive` looks like such a file.
  static func isRecognized(_ archive: ZipArchive) -> Bool { root(of: archive) != nil }

  /// Reads the pickle and none of the numbers.
  ///
  /// - Parameter checksum: whether numbers must match the archive's checksum at their first use.
  /// - Throws: `unsafe`, `corrupt`, `unsupported`, `tooLarge`.
  static func read(
    _ archive: ZipArchive, checksum: ZipMember.ChecksumPolicy
  ) throws(CNNError) -> FileContents {
    guard let root = root(of: archive) else {
      throw CNNError(.weights, .corrupt, "the archive has no \(pickleName)")
    }
    try refuseTorchScript(archive, root)
    let members = Dictionary(
      archive.members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard let pickle = members[root + pickleName] else { return FileContents() }
    let bytes = try pickle.contents(checksum: checksum, threads: Workers.defaultCount)
    var unpickler = Unpickler(
      ByteReader(bytes, domain: .weights, origin: pickle.offset), TorchPickle())
    let state = try TorchStateDict(try unpickler.run(), unpickler.heap)
    let byteOrder = try byteOrder(members[root + "byteorder"], checksum)
    var arrays: [NamedArray] = []
    for (name, tensor) in state.tensors {
      let storage = try storage(tensor.storage, members[root + "data/" + tensor.storage.key])
      arrays.append(
        try TorchView.array(
          tensor, name: name, storage: ArrayStorage(storage, checksum: checksum),
          byteOrder: byteOrder))
    }
    return FileContents(arrays: arrays, ignored: state.ignored)
  }

  /// The folder in the archive that holds everything, with its slash.
  private static func root(of archive: ZipArchive) -> String? {
    archive.members.lazy.map(\.name).first { name in
      name == pickleName || name.hasSuffix("/" + pickleName)
    }.map { String($0.dropLast(pickleName.count)) }
  }

  private static func refuseTorchScript(_ archive: ZipArchive, _ root: String) throws(CNNError) {
    let isScript = archive.members.contains { member in
      member.name == root + "constants.pkl" || member.name.hasPrefix(root + "code/")
    }
    guard !isScript else {
      throw CNNError(
        .weights, .unsupported, "this is a TorchScript archive: a program with its weights",
        remedy: """
          Save only the numbers: torch.save(torch.jit.load(file).state_dict(), "weights.pth")
          """)
    }
  }

  private static func byteOrder(
    _ member: ZipMember?, _ checksum: ZipMember.ChecksumPolicy
  ) throws(CNNError) -> ByteReader.Endianness {
    // Files of PyTorch before 2.1 do not say, and are little-endian.
    guard let member else { return .little }
    let word = String(
      decoding: try member.contents(checksum: checksum, threads: 1).array.prefix(16),
      as: UTF8.self)
    switch word {
    case "little": return .little
    case "big": return .big
    default:
      throw CNNError(
        .weights, .corrupt, "the byte order of the file is not known", at: .byte(member.offset),
        found: word.printable, expected: "little or big")
    }
  }

  private static func storage(
    _ storage: PickledStorage, _ member: ZipMember?
  ) throws(CNNError) -> ZipMember {
    guard let member else {
      throw CNNError(
        .weights, .truncated, "the numbers of the storage \(storage.key.printable) are missing")
    }
    let expected = try ArrayShape.byteCount(of: [storage.count], storage.elementType)
    guard member.size == expected else {
      throw CNNError(
        .weights, .corrupt, "the storage \(storage.key.printable) has the wrong size",
        at: .byte(member.offset), found: "\(member.size) bytes", expected: "\(expected)")
    }
    return member
  }
}
