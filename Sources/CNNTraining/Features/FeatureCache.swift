internal import CNNPlatform
public import CNNSystem
public import SystemPackage

/// The folder of computed features, which all runs share.
///
/// Each key has one file. Where the files together become larger than the limit, those that were
/// not used for longest go first.
public struct FeatureCache: Sendable {
  /// One file of features.
  public struct Entry: Sendable, Hashable {
    /// Where it lies.
    public let path: FilePath
    /// Its size in bytes.
    public let byteCount: Int
    /// When a run last used it, in seconds since 1970.
    public let lastUse: Int
  }

  /// What the features in a file are.
  public struct Contents: Sendable, Hashable {
    /// What decided them.
    public let key: FeatureKey
    /// How many variants of pictures there are.
    public let count: Int
  }

  /// The folder.
  public let folder: FilePath
  /// What all files together may take, in bytes.
  public let limit: Int

  private static let fileExtension = "features"

  /// The cache in `folder`, by default `$CNN_CACHE`, or `swift-cnn/features` in the user's folder of
  /// caches.
  ///
  /// - Parameters:
  ///   - folder: where the files lie; it is created when the first one is.
  ///   - limit: in bytes.
  public init(folder: FilePath? = nil, limit: Int = 20_000_000_000) {
    self.folder = folder ?? Self.defaultFolder
    self.limit = limit
  }

  /// `$CNN_CACHE`, `$XDG_CACHE_HOME/swift-cnn/features` or `~/.cache/swift-cnn/features`.
  public static var defaultFolder: FilePath {
    func variable(_ name: String) -> FilePath? {
      getenv(name).flatMap { $0.pointee == 0 ? nil : FilePath(platformString: $0) }
    }
    if let folder = variable("CNN_CACHE") { return folder }
    let caches = variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "/tmp").appending(".cache")
    return caches.appending("swift-cnn").appending("features")
  }

  /// The files, the one used last first.
  public func entries() -> [Entry] {
    guard let files = try? Folder.files(below: folder, domain: .output) else { return [] }
    return files.filter { $0.extension == Self.fileExtension }.compactMap { path in
      var status = stat()
      guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
      return Entry(
        path: path, byteCount: Int(status.st_size), lastUse: Int(status.modificationSeconds))
    }.sorted { ($0.lastUse, $0.path.string) > ($1.lastUse, $1.path.string) }
  }

  /// Removes files, and returns them. A run that still reads one keeps it until it ends.
  ///
  /// - Parameter lastUse: of the files that are kept, in seconds since 1970; nil removes all.
  /// - Throws: `cannotWrite` at the first that stays.
  @discardableResult
  public func clear(usedBefore lastUse: Int? = nil) throws(CNNError) -> [Entry] {
    let old = entries().filter { entry in lastUse.map { entry.lastUse < $0 } ?? true }
    for entry in old { try Folder.remove(entry.path) }
    return old
  }

  /// What a file holds.
  ///
  /// - Throws: `corrupt` or `truncated` where it is no file of features.
  public func contents(of entry: Entry) throws(CNNError) -> Contents {
    try FeatureFile.contents(of: entry.path)
  }

  /// The file of `key`, marked as used now.
  ///
  /// - Throws: `cannotWrite`.
  func open(_ key: FeatureKey) throws(CNNError) -> FeatureFile {
    try Folder.create(at: folder)
    let path = folder.appending("\(key.digest).\(Self.fileExtension)")
    let file = try FeatureFile(path, key: key.json, payloadSize: key.payloadSize)
    _ = path.withPlatformString { utimes($0, nil) }
    return file
  }

  /// Removes what was not used for longest where there is no room for `byteCount` bytes more.
  func makeRoom(for byteCount: Int, except kept: FilePath) {
    var room = limit - byteCount
    for entry in entries() {
      room -= entry.byteCount
      if room < 0, entry.path != kept { try? Folder.remove(entry.path) }
    }
  }
}

extension stat {
  fileprivate var modificationSeconds: Int {
    #if canImport(Darwin)
      Int(st_mtimespec.tv_sec)
    #else
      Int(st_mtim.tv_sec)
    #endif
  }
}

extension FeatureKey {
  /// Bytes of the features of one picture.
  var payloadSize: Int {
    shape.reduce(1, *) * (storage == .float32 ? 4 : 2)
  }
}
