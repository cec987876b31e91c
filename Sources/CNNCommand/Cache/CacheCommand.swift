import CNNPlatform
import ArgumentParser
import CNNCore
import CNNSystem
import CNNTraining

/// `cnn cache`: the features that training keeps on disk.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "List or remove the features of frozen layers that training keeps on disk.",
    discussion: """
      EXAMPLES
        cnn cache
        cnn cache clear --older-than 30

      They lie in $CNN_CACHE, or in swift-cnn/features below the user's folder of
      caches, and serve every run with the same weights, layer, preprocessing and
      pictures. What is removed is computed again when a run needs it.
      """,
    subcommands: [CacheListCommand.self, CacheClearCommand.self],
    defaultSubcommand: CacheListCommand.self)
}

/// `cnn cache list`: what there is.
struct CacheListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the files, the one used last first.")

  @Flag(help: "One JSON object with all files.")
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
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(
        Record(
          folder: cache.folder.displayName, bytes: total, entries: entries.map(Self.record)))
    } else {
      if !entries.isEmpty {
        for line in Self.table(entries).lines(for: .output) {
          try output.writeLine(line)
        }
        try output.writeLine("")
      }
      let files = entries.count == 1 ? "1 file" : "\(entries.count) files"
      try output.writeLine(
        "\(cache.folder.displayName): \(files), \(NumberText.bytes(total)) of at most "
          + NumberText.bytes(cache.limit))
    }
    try output.flush()
  }

  private static func record(
    _ entry: FeatureCache.Entry, _ contents: FeatureCache.Contents?
  ) -> Record.Entry {
    Record.Entry(
      file: entry.path.displayName, bytes: entry.byteCount, lastUse: entry.lastUse,
      model: contents?.key.network.name, node: contents?.key.node, shape: contents?.key.shape,
      precision: contents?.key.precision.rawValue, features: contents?.count)
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
      + key.precision.rawValue
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

/// `cnn cache clear`: removes files.
struct CacheClearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear", abstract: "Remove all files, or those that were not used for long.")

  @Option(
    help: ArgumentHelp("Only files that were not used for so many days.", valueName: "days"))
  var olderThan: Double?

  @Flag(help: "One JSON object.")
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
    var output = LineWriter.standardOutput
    if json {
      try output.writeJSON(Record(removed: removed.count, bytes: bytes))
    } else {
      let files = removed.count == 1 ? "1 file" : "\(removed.count) files"
      try output.writeLine("removed: \(files), \(NumberText.bytes(bytes))")
    }
    try output.flush()
  }
}
