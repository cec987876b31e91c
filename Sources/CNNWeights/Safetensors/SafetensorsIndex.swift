internal import CNNSystem

/// The index of weights that are spread over several files, as Hugging Face writes it beside them
/// (`model.safetensors.index.json`): which array is in which file.
struct SafetensorsIndex {
  /// The arrays of each shard; the shards in the order of the index.
  private(set) var shards: [(file: String, arrays: Set<String>)] = []

  /// The longest index that is read, in bytes. Real ones have about 100 bytes for each array.
  static let maximumLength = 16 << 20
  /// The most files; the largest published models have fewer than 200.
  static let maximumShardCount = 1000
  private static let mapKey = "weight_map"

  /// Whether `bytes` are JSON that looks like such an index.
  static func isRecognized(_ bytes: Bytes) -> Bool {
    guard bytes.count <= maximumLength, FileKind(of: bytes) == .json else { return false }
    let key = Array("\"\(mapKey)\"".utf8)
    return bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while let start = rest.firstIndex(of: key[0]) {
        rest = rest[start...]
        if rest.starts(with: key) { return true }
        rest = rest.dropFirst()
      }
      return false
    }
  }

  /// Parses an index.
  ///
  /// - Throws: `corrupt` where it is none or names a file outside of its folder, `tooLarge` for too
  ///   many files.
  init(_ bytes: Bytes) throws(CNNError) {
    var json = JSONScanner(
      ByteReader(bytes, domain: .weights), problem: "the index of the weights is damaged")
    var places: [(array: String, file: String)] = []
    try json.object { (json, key) throws(CNNError) in
      guard key == Self.mapKey else { return try json.skipValue() }
      try json.object { (json, name) throws(CNNError) in places.append((name, try json.string())) }
    }
    try json.expectEnd()
    var positions: [String: Int] = [:]
    for (array, file) in places {
      try Self.requireInside(file)
      let position = positions[file] ?? shards.count
      if position == shards.count { shards.append((file, [])) }
      positions[file] = position
      shards[position].arrays.insert(array)
    }
    guard shards.count <= Self.maximumShardCount else {
      throw CNNError(
        .weights, .tooLarge, "the index names too many files", found: "\(shards.count)",
        expected: "at most \(Self.maximumShardCount)")
    }
    guard !shards.isEmpty else {
      throw CNNError(.weights, .corrupt, "the index names no files", expected: Self.mapKey)
    }
  }

  /// Shards are in the folder of their index; a name with a folder could lead anywhere.
  private static func requireInside(_ file: String) throws(CNNError) {
    let isName =
      !file.isEmpty && file != "." && file != ".." && file.utf8.count <= 255 && file.isPlainText
      && !file.contains { "/\\\0".contains($0) }
    guard isName else {
      throw CNNError(
        .weights, .unsafe, "the index names a file outside of its own folder",
        found: file.printable, expected: "a file name without a folder")
    }
  }

  /// The arrays of one shard: those that the index lists, and the others as ignored entries.
  ///
  /// - Throws: `mismatch` where the shard lacks one that the index says it has.
  func contents(of shard: FileContents, at position: Int) throws(CNNError) -> FileContents {
    let listed = shards[position].arrays
    let missing = listed.subtracting(shard.arrays.map(\.name)).sorted()
    guard missing.isEmpty else {
      throw CNNError(
        .weights, .mismatch, "an array that the index lists is not in its file",
        at: .tensor(missing[0].printable), found: "\(missing.count) missing",
        remedy: "Fetch the file and the index again: they are not of the same model")
    }
    var contents = shard
    contents.arrays = shard.arrays.filter { listed.contains($0.name) }
    contents.ignored += shard.arrays.filter { !listed.contains($0.name) }.map { array in
      NamedArrays.IgnoredEntry(name: array.name, reason: "not in the index")
    }
    return contents
  }
}
