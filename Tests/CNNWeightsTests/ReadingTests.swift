import CNNSystem
import CNNTestSupport
import CNNWeights
import Foundation
import SystemPackage
import Testing

/// Where weights come from: memory, files that change, several files with an index.
@Suite struct ReadingTests {
  @Test(arguments: WeightsFixture.groups)
  func bytesAreReadLikeFiles(_ group: String) throws {
    for fixture in try WeightsFixture.all(group) {
      for arrays in [
        try WeightsFile.read(fixture.file, options: fixture.options),
        try WeightsFile.read(Bytes(copying: fixture.file), options: fixture.options),
      ] {
        #expect(arrays.names == fixture.arrays.map(\.name))
        #expect(arrays.path == nil && arrays.format?.rawValue == fixture.format)
        for (array, expected) in zip(arrays, fixture.arrays) {
          #expect(try array.floatData() == expected.floats, "\(fixture.name) \(array.name)")
        }
      }
    }
    let error = #expect(throws: CNNError.self) { try WeightsFile.read([UInt8]("GGUF".utf8)) }
    #expect(error?.code == .unsupported && error?.subject == nil)
  }

  /// A deployment that writes over the file: what is in memory stays, whatever becomes of the file.
  @Test func weightsInMemoryOutliveTheirFile() throws {
    for fixture in try ["npz", "safetensors", "torch", "pickle"].flatMap({
      try WeightsFixture.all($0)
    }) {
      try withFile(fixture.file) { path in
        let options = WeightsReadingOptions(storage: .inMemory)
        let arrays = try WeightsFile.read(path, options: options)
        #expect(!arrays.contains { (try? $0.floats().isMapped) ?? true })
        let zeros = Data(count: 3)
        try zeros.write(to: URL(fileURLWithPath: path.string))
        for (array, expected) in zip(arrays, fixture.arrays) {
          #expect(try array.floatData() == expected.floats, "\(fixture.name) \(array.name)")
        }
      }
    }
  }

  @Test func urlsAreReadLikePaths() throws {
    let fixture = try #require(try WeightsFixture.all("npz").first)
    try withFile(fixture.file, name: "with a space.npz") { path in
      let arrays = try WeightsFile.read(URL(fileURLWithPath: path.string))
      #expect(arrays.path == path && arrays.count == fixture.arrays.count)
    }
    let web = try #require(URL(string: "https://example.org/a.npz"))
    let error = #expect(throws: CNNError.self) { try WeightsFile.read(web) }
    #expect(error?.code == .unsupported)
  }

  @Test func arraysAreACollection() throws {
    let fixture = try #require(try WeightsFixture.all("npz").first { $0.name == "savez" })
    let arrays = try WeightsFile.read(fixture.file)
    #expect(arrays.map(\.name) == fixture.arrays.map(\.name))
    #expect(arrays.count == 5 && arrays.first?.name == "conv1_W" && arrays.last?.name == "fortran")
    #expect(arrays[1].name == "conv1_b" && arrays["conv1_b"]?.shape == [4])
    #expect(arrays.filter { $0.elementType.isFloatingPoint }.count == 4)
  }

  @Test func anEntryThatIsNotThereIsAnError() throws {
    for name in ["list", "plain-and-averaged", "prefix-chosen"] {
      let fixture = try #require(try WeightsFixture.all("checkpoint").first { $0.name == name })
      let options = WeightsReadingOptions(entry: "nonsense")
      let error = #expect(throws: CNNError.self) {
        try WeightsFile.read(fixture.file, options: options)
      }
      #expect(error?.code == .unknown && error?.remedy?.action == .chooseWeightsEntry)
      #expect(error?.problem == "the file has no entry nonsense")
    }
  }

  // MARK: Several files

  struct Sharded: Decodable {
    let files: [String: Data]
    let arrays: [WeightsFixture.Array]

    static let index = "model.safetensors.index.json"
    static let shards = [1, 2].map { "model-0000\($0)-of-00002.safetensors" }
  }

  /// Calls `body` with the path of the index, beside which the files lie that `change` leaves.
  private func withShards(
    _ change: (inout [String: Data]) throws -> Void = { _ in }, _ body: (FilePath) throws -> Void
  ) throws -> Sharded {
    let sharded = try Fixture("sharded.json").decode(Sharded.self)
    var files = sharded.files
    try change(&files)
    try withTemporaryPath(Sharded.index) { path in
      for (name, data) in files {
        let file = path.removingLastComponent().appending(name)
        try data.write(to: URL(fileURLWithPath: file.string))
      }
      try body(path)
    }
    return sharded
  }

  /// The error of reading an index after `change`, which names the index or a shard.
  private func failure(_ change: (inout [String: Data]) throws -> Void) throws -> CNNError {
    var failure: CNNError?
    _ = try withShards(change) { path in
      failure = #expect(throws: CNNError.self) { try WeightsFile.read(path) }
      let folder = path.removingLastComponent().displayName
      #expect(failure?.subject?.hasPrefix(folder) == true, "\(failure?.description ?? "")")
    }
    return try #require(failure)
  }

  @Test(arguments: WeightsReadingOptions.Storage.allCases)
  func shardsAreReadThroughTheirIndex(_ storage: WeightsReadingOptions.Storage) throws {
    var found: [String: (shape: [Int], floats: Data)] = [:]
    let sharded = try withShards { path in
      let arrays = try WeightsFile.read(path, options: WeightsReadingOptions(storage: storage))
      #expect(arrays.format == .safetensors && arrays.path == path)
      for array in arrays { found[array.name] = (array.shape, try array.floatData()) }
    }
    #expect(found.count == sharded.arrays.count)
    for expected in sharded.arrays {
      #expect(found[expected.name]?.shape == expected.shape)
      #expect(found[expected.name]?.floats == expected.floats)
    }
  }

  @Test func aMissingShardIsNamed() throws {
    let error = try failure { $0[Sharded.shards[1]] = nil }
    #expect(error.code == .notFound)
    #expect(error.subject?.hasSuffix(Sharded.shards[1]) == true)
    #expect(error.problem.contains("index"))
    let damaged = try failure { $0[Sharded.shards[0]] = $0[Sharded.shards[0]]?.dropLast() }
    #expect(damaged.code == .truncated && damaged.subject?.hasSuffix(Sharded.shards[0]) == true)
  }

  @Test func shardsAndIndexMustAgree() throws {
    let swapped = try failure { files in
      let first = files[Sharded.shards[0]]
      files[Sharded.shards[0]] = files[Sharded.shards[1]]
      files[Sharded.shards[1]] = first
    }
    #expect(swapped.code == .mismatch)
    #expect(swapped.problem == "an array that the index lists is not in its file")
    // What a shard holds beyond the index is not read.
    _ = try withShards { files in
      files[Sharded.index] = Data(
        #"{"weight_map":{"conv.weight":"\#(Sharded.shards[0])"}}"#.utf8)
      files[Sharded.shards[0]] = try Data(
        WeightsFixture.all("safetensors").first { $0.name == "library" }?.file ?? Data())
    } _: { path in
      let arrays = try WeightsFile.read(path)
      #expect(arrays.names == ["conv.weight"] && arrays.ignored.count == 10)
    }
  }

  /// No name in an index leads out of its folder, and no index to another.
  @Test(arguments: [
    ("../model.safetensors", CNNError.Code.unsafe), ("/etc/passwd", .unsafe), ("a/b", .unsafe),
    ("..", .unsafe), (".", .unsafe), ("", .unsafe), (#"a\u0000b"#, .unsafe), (#"a\\b"#, .unsafe),
    (Sharded.index, .unsupported),
  ])
  func namesStayInTheFolder(name: String, code: CNNError.Code) throws {
    let error = try failure { files in
      files[Sharded.index] = Data(#"{"weight_map": {"a": "\#(name)"}}"#.utf8)
    }
    #expect(error.code == code, "\(error)")
  }

  @Test(arguments: [
    #"{"weight_map": {"a": "x", "a": "y"}}"#, #"{"weight_map": {}}"#, #"{"weight_map": 3}"#,
    #"{"weight_map": {"a": "x"}"#, #"{"weight_map": {"a": "x"}} more"#,
    #"{"weight_map": {"a": 1}}"#,
    #"{"metadata": "# + String(repeating: "[", count: 5000) + #", "weight_map": {}}"#,
  ])
  func damagedIndexesAreRefused(_ text: String) throws {
    let error = try failure { $0[Sharded.index] = Data(text.utf8) }
    #expect([.corrupt, .truncated].contains(error.code), "\(error)")
  }

  @Test func oneShardAloneNamesTheIndex() throws {
    let sharded = try Fixture("sharded.json").decode(Sharded.self)
    let error = #expect(throws: CNNError.self) {
      try WeightsFile.read(try #require(sharded.files[Sharded.index]))
    }
    #expect(error?.code == .unsupported && error?.found == Sharded.shards.joined(separator: ", "))
  }
}
