internal import CNNSystem
internal import SystemPackage

/// A file that only grows; every piece is handed to the system at once, so a killed process loses
/// nothing that was appended.
struct AppendedFile: ~Copyable {
  private let path: FilePath
  private let descriptor: FileDescriptor

  /// Opens a file for appending, and creates it where it is missing.
  ///
  /// - Throws: `cannotWrite`.
  init(_ path: FilePath) throws(CNNError) {
    self.path = path
    do {
      descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite], retryOnInterrupt: true)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  deinit { try? descriptor.close() }

  /// Appends `bytes`. Throws `cannotWrite`, also for a full disk.
  func append(_ bytes: [UInt8]) throws(CNNError) {
    do {
      _ = try descriptor.writeAll(bytes)
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }
}
