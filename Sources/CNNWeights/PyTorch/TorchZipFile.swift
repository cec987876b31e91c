internal import CNNSystem

/// PyTorch's format since 1.6: a zip archive with `data.pkl`, which describes the tensors, and a
/// member `data/<key>` with the elements of each storage.
enum TorchZipFile {
  static let pickleName = "data.pkl"

  /// Whether `archive` looks like such a file.
  static func isRecognized(_ archive: ZipArchive) -> Bool { root(of: archive) != nil }

  /// Reads the pickle and none of the elements.
  ///
  /// - Parameters:
  ///   - checksum: whether elements must match the archive's checksum at their first use.
  ///   - entry: the state dict to read; see `TorchStateDict`.
  /// - Throws: `unsafe`, `corrupt`, `unsupported`, `ambiguous`, `tooLarge`.
  static func read(
    _ archive: ZipArchive, checksum: ZipMember.ChecksumPolicy, entry: String?
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
    let state = try TorchStateDict(try unpickler.run(), unpickler.heap, entry: entry)
    let byteOrder = try byteOrder(members[root + "byteorder"], checksum)
    var arrays: [NamedArray] = []
    for (name, tensor) in state.tensors {
      let storage = try storage(tensor.storage, members[root + "data/" + tensor.storage.key])
      arrays.append(
        try tensor.array(
          name: name, in: ArrayStorage(storage, checksum: checksum), byteOrder: byteOrder))
    }
    return FileContents(state, arrays)
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
          Let PyTorch take the weights out of it: python3 -c 'import torch; \
          torch.save(torch.jit.load("old.pt", "cpu").state_dict(), "new.pth")'
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
    _ storage: TorchStorage, _ member: ZipMember?
  ) throws(CNNError) -> ZipMember {
    guard let member else {
      throw CNNError(
        .weights, .truncated, "the elements of the storage \(storage.key.printable) are missing")
    }
    let expected = try ArrayShape.byteCount(
      of: [storage.count], elementSize: storage.kind.byteSize)
    guard member.size == expected else {
      throw CNNError(
        .weights, .corrupt, "the storage \(storage.key.printable) has the wrong size",
        at: .byte(member.offset), found: "\(member.size) bytes", expected: "\(expected)")
    }
    return member
  }
}
