internal import CNNPlatform
public import SystemPackage

/// Writes a file such that its path always holds a complete file: the old one, or the new one.
///
/// The steps survive a power cut in this order: create a temporary file in the same folder, write
/// all bytes, `fsync`, close, rename, `fsync` the folder. Whatever fails, the old file is untouched.
/// Where the file system supports it (`O_TMPFILE`), the temporary file has no name until it is
/// complete, so a process that is killed leaves nothing behind.
public struct AtomicFile: ~Copyable {
  /// Where the file will be after `commit()`: the path, with symbolic links followed.
  public let path: FilePath
  private let temporaryPath: FilePath
  private let isNameless: Bool
  private var descriptor: FileDescriptor?

  /// Replaces the file at `path` by one of these bytes. Throws `cannotWrite`; then the old file is
  /// still there.
  public static func write(_ bytes: some Sequence<UInt8>, to path: FilePath) throws(CNNError) {
    var file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  }

  /// Opens a temporary file in the folder of `path`.
  ///
  /// The new file gets the permissions of the one that is already there.
  ///
  /// - Throws: `cannotWrite`, also where `path` is a folder, a device or a FIFO: those are not
  ///   replaced.
  public init(_ path: FilePath) throws(CNNError) {
    let target = try WriteTarget(path)
    let folder = target.path.removingLastComponent()
    let name = Self.temporaryName
    let (descriptor, isNameless) = try Self.open(folder, name: name, for: path)
    if let permissions = target.permissions {
      // Best effort: the owner of the folder need not be that of the file.
      _ = fchmod(descriptor.rawValue, permissions.rawValue)
    }
    self.path = target.path
    self.descriptor = descriptor
    self.isNameless = isNameless
    temporaryPath = folder.appending(name)
  }

  deinit {
    guard let descriptor else { return }
    try? descriptor.close()
    if !isNameless { removeTemporary() }
  }

  /// Appends `bytes`. Throws `cannotWrite`, also for a full disk.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CNNError) {
    guard let descriptor else { fatalError("write after commit") }
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Appends `bytes`. Throws `cannotWrite`.
  public mutating func write(_ bytes: some Sequence<UInt8>) throws(CNNError) {
    guard let descriptor else { fatalError("write after commit") }
    do {
      _ = try descriptor.writeAll(Array(bytes))
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Writes `bytes` over those at `offset`; later bytes are still appended at the end. Throws
  /// `cannotWrite`.
  public mutating func overwrite(_ bytes: some Sequence<UInt8>, at offset: Int) throws(CNNError) {
    guard let descriptor else { fatalError("write after commit") }
    do {
      _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), Array(bytes))
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Puts the file in its place, durably. Throws `cannotWrite`; then the old file is still there.
  public mutating func commit() throws(CNNError) {
    guard let descriptor else { fatalError("commit after commit") }
    try require(fsync(descriptor.rawValue))
    if isNameless { try giveName(descriptor) }
    self.descriptor = nil
    do {
      try descriptor.close()
      try require(
        temporaryPath.withPlatformString { from in
          path.withPlatformString { to in rename(from, to) }
        })
    } catch {
      let failure = WriteTarget.failure(error, path)
      removeTemporary()
      throw failure
    }
    syncFolder()
  }

  private func require(_ status: Int32) throws(CNNError) {
    guard status == 0 else { throw WriteTarget.failure(Errno(rawValue: errno), path) }
  }

  private func removeTemporary() {
    _ = temporaryPath.withPlatformString { unlink($0) }
  }

  /// Makes the rename itself durable. Some file systems refuse to sync a folder; the file is in
  /// place all the same, so that is no failure.
  private func syncFolder() {
    let folder = path.removingLastComponent()
    let name = folder.isEmpty ? FilePath(".") : folder
    guard let descriptor = try? FileDescriptor.open(name, .readOnly) else { return }
    _ = fsync(descriptor.rawValue)
    try? descriptor.close()
  }

  /// A temporary file in `folder`, without a name where the file system supports that.
  private static func open(
    _ folder: FilePath, name: String, for path: FilePath
  ) throws(CNNError) -> (FileDescriptor, isNameless: Bool) {
    if let descriptor = openNameless(in: folder) { return (descriptor, true) }
    do {
      let descriptor = try FileDescriptor.open(
        folder.appending(name), .writeOnly,
        options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: WriteTarget.defaultPermissions, retryOnInterrupt: true)
      return (descriptor, false)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// A file without a name in `folder`, or nil where the system or the file system has no such files.
  private static func openNameless(in folder: FilePath) -> FileDescriptor? {
    #if os(Linux)
      // O_TMPFILE: Swift does not import macros as complex as this one.
      let temporaryFile = FileDescriptor.OpenOptions(rawValue: 0o20_000_000 | O_DIRECTORY)
      return try? FileDescriptor.open(
        folder.isEmpty ? FilePath(".") : folder, .writeOnly,
        options: [temporaryFile, .closeOnExec], permissions: WriteTarget.defaultPermissions)
    #else
      return nil
    #endif
  }

  private func giveName(_ descriptor: FileDescriptor) throws(CNNError) {
    #if os(Linux)
      let link = "/proc/self/fd/\(descriptor.rawValue)"
      try require(
        temporaryPath.withPlatformString { name in
          linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW)
        })
    #endif
  }
}

extension AtomicFile {
  private static let namePrefix = ".cnn-"
  private static let nameSuffix = ".tmp"

  /// A name that no other file has, for a file that is not complete.
  package static var temporaryName: String {
    "\(namePrefix)\(getpid())-\(UInt32.random(in: 0 ... .max))\(nameSuffix)"
  }

  /// Removes the temporary files of processes that were killed from a folder in which no other
  /// process writes.
  ///
  /// - Throws: `unreadable`; `cannotWrite` where one cannot be removed.
  package static func removeAbandoned(in folder: FilePath) throws(CNNError) {
    for name in try Folder.names(in: folder, domain: .output) {
      guard name.starts(with: namePrefix.utf8),
        name.reversed().starts(with: nameSuffix.utf8.reversed())
      else { continue }
      try Folder.remove(folder.appending(FilePath(bytes: name).components))
    }
  }
}
