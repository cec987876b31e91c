internal import CNNPlatform
public import SystemPackage

/// A regular file, opened for reading.
///
/// FIFOs, devices, sockets and folders are refused, each by its name. Opening never blocks: an
/// ordinary `open` of a FIFO would wait for a writer for ever.
public struct InputFile: ~Copyable {
  /// The path as the user gave it.
  public let path: FilePath
  /// Size in bytes when it was opened.
  public let size: Int
  let descriptor: FileDescriptor
  let domain: CNNError.Domain

  /// Opens `path`.
  ///
  /// - Parameters:
  ///   - path: any name, also one that is not UTF-8.
  ///   - domain: the domain of the errors.
  /// - Throws: `notFound`, `unreadable` or `empty`, each in words.
  public init(_ path: FilePath, domain: CNNError.Domain) throws(CNNError) {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.nonBlocking, .closeOnExec], retryOnInterrupt: true)
    } catch {
      throw Self.openFailure(error, path, domain)
    }
    do {
      size = try Self.regularFileSize(descriptor, path, domain)
    } catch {
      try? descriptor.close()
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    self.domain = domain
  }

  deinit { try? descriptor.close() }

  /// All bytes, copied into memory.
  ///
  /// - Parameter limit: refuse a larger file with `tooLarge`, in bytes.
  public func read(limit: Int = .max) throws(CNNError) -> Bytes {
    guard size <= limit else {
      throw CNNError(
        domain, .tooLarge, "the file is too large", subject: path.displayName,
        found: "\(size) bytes", expected: "at most \(limit)")
    }
    return try read(first: size)
  }

  /// The first `count` bytes, or all where there are fewer, copied into memory.
  public func read(first count: Int) throws(CNNError) -> Bytes {
    try Bytes(count: min(count, size)) { (target) throws(CNNError) in
      var filled = 0
      while filled < target.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
        let count: Int
        do {
          count = try descriptor.read(
            fromAbsoluteOffset: Int64(filled), into: rest, retryOnInterrupt: true)
        } catch {
          throw CNNError(domain, .unreadable, "\(error)", subject: path.displayName)
        }
        guard count > 0 else {
          throw CNNError(
            domain, .truncated, "the file became shorter while it was read",
            subject: path.displayName, found: "\(filled) bytes", expected: "\(target.count)")
        }
        filled += count
      }
    }
  }

  /// All bytes, mapped: nothing is read until it is touched, and nothing is copied.
  ///
  /// If somebody shortens the file while it is mapped, the next access to the lost part ends the
  /// process (SIGBUS). So weights are mapped, which are written once, and pictures are read.
  public func map() throws(CNNError) -> Bytes {
    guard
      let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0),
      base != MAP_FAILED
    else {
      throw CNNError(
        domain, .unreadable, "the file cannot be mapped: \(Errno(rawValue: errno))",
        subject: path.displayName)
    }
    return Bytes(Memory(mapped: base, byteCount: size))
  }

  private static func regularFileSize(
    _ descriptor: FileDescriptor, _ path: FilePath, _ domain: CNNError.Domain
  ) throws(CNNError) -> Int {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else {
      throw CNNError(
        domain, .unreadable, Errno(rawValue: errno).description, subject: path.displayName)
    }
    if let kind = FileStatus.irregularKind(status.st_mode) {
      throw CNNError(
        domain, .unreadable, "this is \(kind), not a file", subject: path.displayName)
    }
    guard status.st_size > 0 else {
      throw CNNError(
        domain, .empty, "the file is empty (0 bytes)", subject: path.displayName,
        remedy: "Fetch or copy it again")
    }
    return Int(status.st_size)
  }

  private static func openFailure(
    _ error: any Error, _ path: FilePath, _ domain: CNNError.Domain
  ) -> CNNError {
    let errno = error as? Errno
    return switch errno {
    case .noSuchFileOrDirectory:
      CNNError(
        domain, .notFound, "there is no such file", subject: path.displayName,
        remedy: "Check the path; it is relative to the current folder")
    case .permissionDenied:
      CNNError(
        domain, .unreadable, "you have no permission to read it", subject: path.displayName)
    case .noSuchAddressOrDevice:
      CNNError(
        domain, .unreadable, "this is a socket or a device, not a file",
        subject: path.displayName)
    case .tooManySymbolicLinkLevels:
      CNNError(domain, .unreadable, "its symbolic links form a loop", subject: path.displayName)
    default:
      CNNError(
        domain, .unreadable, "it cannot be opened: \(error)", subject: path.displayName)
    }
  }
}
