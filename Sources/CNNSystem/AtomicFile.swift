public import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes a file so that its name always stands for a whole one: the old, or the new.
///
/// The order that survives a power cut: a temporary file in the same folder, all bytes, `fsync`,
/// close, rename, `fsync` of the folder. Whatever fails, the old file is untouched and the
/// temporary one is removed.
public struct AtomicFile: ~Copyable {
  /// Where the bytes will stand after `commit()`.
  public let path: FilePath
  private let temporaryPath: FilePath
  private var descriptor: FileDescriptor?

  /// Opens a temporary file beside `path`. Throws `cannotWrite`.
  public init(_ path: FilePath) throws(CNNError) {
    self.path = path
    let name = path.lastComponent?.string ?? "file"
    temporaryPath = path.removingLastComponent()
      .appending(".\(name).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp")
    do {
      descriptor = try FileDescriptor.open(
        temporaryPath, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite],
        retryOnInterrupt: true)
    } catch {
      throw Self.failure(error, path)
    }
  }

  deinit {
    guard let descriptor else { return }
    try? descriptor.close()
    _ = temporaryPath.withPlatformString { unlink($0) }
  }

  /// Appends `bytes`. Throws `cannotWrite`, also for a full disk.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CNNError) {
    guard let descriptor else { preconditionFailure("write after commit") }
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw Self.failure(error, path)
    }
  }

  /// Appends `bytes`. Throws `cannotWrite`.
  public mutating func write(_ bytes: some Sequence<UInt8>) throws(CNNError) {
    let array = Array(bytes)
    do {
      try array.withUnsafeBytes { try write($0) }
    } catch let error as CNNError {
      throw error
    } catch {
      throw Self.failure(error, path)
    }
  }

  /// Writes `bytes` over those that stand at `offset`, and goes on appending at the end. Throws
  /// `cannotWrite`.
  public mutating func overwrite(_ bytes: some Sequence<UInt8>, at offset: Int) throws(CNNError) {
    guard let descriptor else { preconditionFailure("write after commit") }
    do {
      _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), Array(bytes))
    } catch {
      throw Self.failure(error, path)
    }
  }

  /// Puts the file in its place, durably. Throws `cannotWrite`; then the old file still stands.
  public mutating func commit() throws(CNNError) {
    guard let descriptor else { preconditionFailure("commit after commit") }
    guard fsync(descriptor.rawValue) == 0 else {
      throw Self.failure(Errno(rawValue: errno), path)
    }
    let status = temporaryPath.withPlatformString { from in
      path.withPlatformString { to in rename(from, to) }
    }
    guard status == 0 else { throw Self.failure(Errno(rawValue: errno), path) }
    self.descriptor = nil
    do {
      try descriptor.close()
    } catch {
      throw Self.failure(error, path)
    }
    syncFolder()
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

  /// The error of an operating system that refused to write `path`.
  package static func failure(_ error: any Error, _ path: FilePath) -> CNNError {
    let remedy: String? =
      switch error as? Errno {
      case .noSpace: "The disk is full: free some space or name another place"
      case .noSuchFileOrDirectory: "Its folder does not exist: create it first"
      case .permissionDenied, .readOnlyFileSystem: "Name a place that you may write to"
      default: nil
      }
    return CNNError(
      .output, .cannotWrite, "the file could not be written: \(error)",
      subject: path.displayName, remedy: remedy)
  }
}
