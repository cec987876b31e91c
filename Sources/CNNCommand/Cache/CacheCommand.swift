import CNNPlatform
import ArgumentParser
import CNNCore
import CNNSystem
import CNNTraining

/// `cnn cache`: lists or removes the cached features of frozen layers.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "List or remove the features of frozen layers that training caches on disk.",
    discussion: """
      EXAMPLES
        cnn cache
        cnn cache clear --older-than 30

      The files are in $CNN_CACHE, or in swift-cnn/features in the user's cache
      folder. Every run with the same weights, layer, preprocessing and pictures
      uses them. What is removed is computed again when a run needs it.
      """,
    subcommands: [CacheListCommand.self, CacheClearCommand.self],
    defaultSubcommand: CacheListCommand.self)
}

/// `cnn cache list`: lists the files.
struct CacheListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the files, the one used last first.")

  @Flag(help: "Print one JSON object with all files.")
  var json = false

  private struct Record: Encodable {
    struct Entry: Encodable {
      let file: String
      let bytes: Int
      /// Seconds since 1970.
      let lastUse: Int
      let model: String?
      let node: String?
      let shape: [Int]?
      let precision: String?
      let features: Int?

      private enum CodingKeys: String, CodingKey {
        case file, bytes, model, node, shape, precision, features
        case lastUse = "last_use"
      }
    }

    let folder: String
    let bytes: Int
    let entries: [Entry]
  }

  func run() throws {
    let cache = FeatureCache()
    let entries = cache.entries().map { entry in (entry, try? cache.contents(of: entry)) }
    let total = entries.reduce(0) { $0 + $1.0.byteCount }
    try LineWriter.printResult(
      Record(
        folder: cache.folder.exactName, bytes: total, entries: entries.map(Self.record)),
      asJSON: json, or: Self.lines(of: cache, entries))
  }

  private static func lines(
    of cache: FeatureCache, _ entries: [(FeatureCache.Entry, FeatureCache.Contents?)]
  ) -> [String] {
    let total = entries.reduce(0) { $0 + $1.0.byteCount }
    let files = entries.count == 1 ? "1 file" : "\(entries.count) files"
    return (entries.isEmpty ? [] : table(entries).lines(for: .output) + [""]) + [
      "\(cache.folder.displayName): \(files), \(NumberText.bytes(total)) of at most "
        + NumberText.bytes(cache.limit)
    ]
  }

  private static func record(
    _ entry: FeatureCache.Entry, _ contents: FeatureCache.Contents?
  ) -> Record.Entry {
    Record.Entry(
      file: entry.path.exactName, bytes: entry.byteCount, lastUse: entry.lastUse,
      model: contents?.key.network.name, node: contents?.key.node, shape: contents?.key.shape,
      precision: contents?.key.storage.rawValue, features: contents?.count)
  }

  private static func table(
    _ entries: [(FeatureCache.Entry, FeatureCache.Contents?)]
  ) -> TextTable {
    let now = Int(time(nil))
    var table = TextTable([
      ("size", .right), ("last use", .right), ("features", .right), ("of", .left),
    ])
    for (entry, contents) in entries {
      table.add([
        NumberText.bytes(entry.byteCount), age(now - entry.lastUse),
        contents.map { NumberText.grouped($0.count) } ?? "", contents.map(words) ?? "damaged",
      ])
    }
    return table
  }

  /// `vgg16 up to pool5, 512 x 7 x 7, fp32`.
  private static func words(_ contents: FeatureCache.Contents) -> String {
    let key = contents.key
    return "\(key.network.name) up to \(key.node), \(key.shape.shapeDescription), "
      + key.storage.rawValue
  }

  private static func age(_ seconds: Int) -> String {
    switch seconds {
    case ..<60: "now"
    case ..<3600: "\(seconds / 60) min ago"
    case ..<86_400: "\(seconds / 3600) h ago"
    default: "\(seconds / 86_400) d ago"
    }
  }
}

/// `cnn cache clear`: removes the files, or old ones.
struct CacheClearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear", abstract: "Remove all files, or those that were not used for some time.")

  @Option(
    help: ArgumentHelp("Only files that were not used for this many days.", valueName: "days"))
  var olderThan: Double?

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Record: Encodable {
    let removed: Int
    let bytes: Int
  }

  func validate() throws {
    if let olderThan, !(0...1e5).contains(olderThan) {
      throw ValidationError("--older-than must be from 0 to 100000 days")
    }
  }

  func run() throws {
    let removed = try FeatureCache().clear(
      usedBefore: olderThan.map { Int(time(nil)) - Int($0 * 86_400) })
    let bytes = removed.reduce(0) { $0 + $1.byteCount }
    let files = removed.count == 1 ? "1 file" : "\(removed.count) files"
    try LineWriter.printResult(
      Record(removed: removed.count, bytes: bytes), asJSON: json,
      or: ["removed: \(files), \(NumberText.bytes(bytes))"])
  }
}
