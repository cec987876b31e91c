internal import CNNPlatform
internal import CNNSystem
internal import SystemPackage

/// The lock that keeps a second run out of a folder. The system releases it when the process ends,
/// however that happens.
struct RunLock: ~Copyable {
  private let descriptor: FileDescriptor

  /// Locks a folder, which exists.
  ///
  /// - Throws: `cannotWrite` where another process has it.
  init(_ folder: RunFolder) throws(CNNError) {
    let opened: FileDescriptor
    do {
      opened = try FileDescriptor.open(
        folder.lock, .readWrite, options: [.create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite], retryOnInterrupt: true)
    } catch {
      throw WriteTarget.failure(error, folder.lock)
    }
    guard flock(opened.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      let reason = Errno(rawValue: errno)
      try? opened.close()
      throw reason == .wouldBlock
        ? CNNError(
          .output, .cannotWrite, "another process is training in this folder",
          subject: folder.path.displayName,
          remedy: CNNError.Remedy(
            "Wait for it, or name another run folder", action: .nameAnotherRunFolder))
        : WriteTarget.failure(reason, folder.lock)
    }
    descriptor = opened
  }

  /// Releases the lock, as the end of the value's life does too.
  consuming func release() {}

  deinit { try? descriptor.close() }
}
