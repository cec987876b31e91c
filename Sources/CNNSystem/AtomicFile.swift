internal import CNNPlatform
public import SystemPackage

/// Writes a file so that its name always stands for a whole one: the old, or the new.
///
/// The order that survives a power cut: a temporary file in the same folder, all bytes, `fsync`,
/// close, rename, `fsync` of the folder. Whatever fails, the old file is untouched. Where the file
/// system can do it the temporary file has no name until it is whole, so that nothing is left
/// behind by a process that is killed.
public struct AtomicFile: ~Copyable {
  /// Where the bytes will stand after `commit()`: the path, with symbolic links followed.
  public let path: FilePath
  private let temporaryPath: FilePath
  private let isNameless: Bool
  private var descriptor: FileDescriptor?

  /// Opens a temporary file in the folder of `path`.
  ///
  /// A file that is already there lends the new one its permissions.
  ///
  /// - Throws: `cannotWrite`, also where `path` stands for a folder, a device or a FIFO: those are
  ///   not replaced.
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
    guard let descriptor else { preconditionFailure("write after commit") }
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Appends `bytes`. Throws `cannotWrite`.
  public mutating func write(_ bytes: some Sequence<UInt8>) throws(CNNError) {
    guard let descriptor else { preconditionFailure("write after commit") }
    do {
      _ = try descriptor.writeAll(Array(bytes))
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Writes `bytes` over those that stand at `offset`, and goes on appending at the end. Throws
  /// `cannotWrite`.
  public mutating func overwrite(_ bytes: some Sequence<UInt8>, at offset: Int) throws(CNNError) {
    guard let descriptor else { preconditionFailure("write after commit") }
    do {
      _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), Array(bytes))
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  /// Puts the file in its place, durably. Throws `cannotWrite`; then the old file still stands.
  public mutating func commit() throws(CNNError) {
    guard let descriptor else { preconditionFailure("commit after commit") }
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

  /// A temporary file in `folder`, without a name where that can be had.
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

  /// A file without a name in `folder`, or nil where the system or its file system has none.
  private static func openNameless(in folder: FilePath) -> FileDescriptor? {
    #if os(Linux)
      // O_TMPFILE, which is a macro too complex to be imported.
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
