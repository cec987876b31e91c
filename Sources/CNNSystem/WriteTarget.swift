internal import CNNPlatform
package import SystemPackage

/// What is at a path before a file is written there.
package struct WriteTarget {
  /// The path with symbolic links followed: not a link is replaced, but the file it points to.
  let path: FilePath
  /// The permissions of the file that is there, if there is one.
  let permissions: FilePermissions?

  /// Those of a new file; the system takes away what the process's umask says.
  static let defaultPermissions: FilePermissions = [
    .ownerReadWrite, .groupReadWrite, .otherReadWrite,
  ]

  /// Examines `path`. Throws `cannotWrite` for anything there that is not a regular file.
  init(_ path: FilePath) throws(CNNError) {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else {
      self.path = path
      permissions = nil
      return
    }
    if let kind = FileStatus.irregularKind(status.st_mode) {
      throw CNNError(
        .output, .cannotWrite, "this is \(kind), which is not replaced by a file",
        subject: path.displayName, remedy: "Name a file")
    }
    self.path = path.real ?? path
    permissions = FilePermissions(rawValue: status.st_mode & 0o777)
  }

  /// The error of an operation on `path`, with a remedy where there is one.
  package static func failure(_ error: any Error, _ path: FilePath) -> CNNError {
    if let error = error as? CNNError { return error }
    let remedy: CNNError.Remedy? =
      switch error as? Errno {
      case .noSpace, .diskQuotaExceeded: "Free some space or name another place"
      case .noSuchFileOrDirectory: "Its folder does not exist: create it first"
      case .permissionDenied, .readOnlyFileSystem: "Name a place that you may write to"
      default: nil
      }
    return CNNError(
      .output, .cannotWrite, "the file could not be written: \(error)",
      subject: path.displayName, remedy: remedy)
  }
}
