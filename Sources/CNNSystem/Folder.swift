internal import CNNPlatform
public import SystemPackage

/// What is at a path, and what a folder holds. Names are bytes and need not be UTF-8.
public enum Folder {
  /// Whether `path` is a folder, or a symbolic link to one.
  public static func exists(at path: FilePath) -> Bool {
    mode(of: path, followingLinks: true).map { $0 & S_IFMT == S_IFDIR } ?? false
  }

  /// Whether `path` is a regular file, or a symbolic link to one.
  public static func isFile(_ path: FilePath) -> Bool {
    mode(of: path, followingLinks: true).map { $0 & S_IFMT == S_IFREG } ?? false
  }

  /// Whether both paths lead to the same file; false where one leads to none.
  public static func isSameFile(_ first: FilePath, _ second: FilePath) -> Bool {
    var (one, other) = (stat(), stat())
    return first.withPlatformString { stat($0, &one) } == 0
      && second.withPlatformString { stat($0, &other) } == 0
      && (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
  }

  /// All files below `path`, in the order of their bytes; hidden ones (`.name`) and symbolic links
  /// to folders, which may form loops, are left out.
  ///
  /// - Parameter isSkipped: whether the files of a folder are left out.
  /// - Throws: `unreadable`.
  public static func files(
    below path: FilePath, domain: CNNError.Domain,
    skipping isSkipped: (FilePath) -> Bool = { _ in false }
  ) throws(CNNError) -> [FilePath] {
    var files: [FilePath] = []
    for entry in try entries(of: path, domain: domain) {
      guard let mode = mode(of: entry, followingLinks: false) else { continue }
      if mode & S_IFMT == S_IFDIR {
        guard !isSkipped(entry) else { continue }
        files += try self.files(below: entry, domain: domain, skipping: isSkipped)
      } else if !exists(at: entry) {
        files.append(entry)
      }
    }
    return files
  }

  /// What lies directly in `path`, in the order of the names' bytes; hidden names are left out.
  ///
  /// - Throws: `unreadable`.
  public static func entries(
    of path: FilePath, domain: CNNError.Domain
  ) throws(CNNError) -> [FilePath] {
    try names(in: path, domain: domain).filter { $0.first != UInt8(ascii: ".") }
      .sorted { $0.lexicographicallyPrecedes($1) }
      .map { path.appending(FilePath(bytes: $0).components) }
  }

  /// The bytes of all names in `path`, in the order of the disk.
  ///
  /// - Throws: `unreadable`.
  static func names(
    in path: FilePath, domain: CNNError.Domain
  ) throws(CNNError) -> [[UInt8]] {
    guard let stream = path.withPlatformString({ opendir($0) }) else {
      throw CNNError(
        domain, .unreadable, "the folder cannot be opened: \(Errno(rawValue: errno))",
        subject: path.displayName)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      names.append(withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
    }
    return names
  }

  private static func mode(of path: FilePath, followingLinks: Bool) -> mode_t? {
    var status = stat()
    let result = path.withPlatformString {
      followingLinks ? stat($0, &status) : lstat($0, &status)
    }
    return result == 0 ? status.st_mode : nil
  }
}

extension Folder {
  /// Creates the folder `path` and those above it that are missing. Throws `cannotWrite`.
  public static func create(at path: FilePath) throws(CNNError) {
    guard !exists(at: path), !path.isEmpty else { return }
    try create(at: path.removingLastComponent())
    guard path.withPlatformString({ mkdir($0, 0o777) }) != 0 else { return }
    // `exists` changes errno.
    let reason = Errno(rawValue: errno)
    guard exists(at: path) else { throw WriteTarget.failure(reason, path) }
  }

  /// Removes the file `path`, if there is one. Throws `cannotWrite`.
  public static func remove(_ path: FilePath) throws(CNNError) {
    guard path.withPlatformString({ unlink($0) }) != 0, errno != ENOENT else { return }
    throw WriteTarget.failure(Errno(rawValue: errno), path)
  }
}

/// What the mode of a file says.
enum FileStatus {
  /// What it is in words, where it is no regular file.
  static func irregularKind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a FIFO (named pipe)"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "no regular file"
    }
  }
}
