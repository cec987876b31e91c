internal import CNNPlatform
internal import CNNSystem
internal import SystemPackage

/// The features of many pictures under one key, in one file that only ever grows.
///
/// The file begins with a magic number and the key as JSON, padded to 64 bytes; records of equal
/// size follow, each with the hash of its picture's variant and a checksum. A record that was torn by
/// a crash ends the file: it is overwritten by the next one. So an extraction that was interrupted
/// continues where it was, and a damaged record is computed again.
///
/// A run that appends holds the file's lock: a second run that needs the same features waits, and then
/// finds them computed. Reading needs no lock, because a record never changes.
struct FeatureFile: ~Copyable {
  static let magic = Array("CNNFEAT1".utf8)
  private static let alignment = 64
  private static let recordHeaderSize = 64
  /// Between two attempts to get the lock, in microseconds.
  private static let pollingInterval: UInt32 = 50_000

  /// Where it lies.
  let path: FilePath
  /// Bytes of the features of one picture.
  let payloadSize: Int
  private let descriptor: FileDescriptor
  private let headerSize: Int
  private var positions: [ContentHash: Int] = [:]
  private(set) var recordCount = 0

  /// Opens or creates the file of a key.
  ///
  /// - Throws: `cannotWrite`; `corrupt` where the file is that of another key.
  init(_ path: FilePath, key: [UInt8], payloadSize: Int) throws(CNNError) {
    self.path = path
    self.payloadSize = payloadSize
    let header = Self.header(key)
    headerSize = header.count
    descriptor = try Self.open(path, header)
    readIndex()
  }

  deinit { try? descriptor.close() }

  /// Whether there are features for `key`.
  func contains(_ key: ContentHash) -> Bool { positions[key] != nil }

  /// Waits until no other run appends, and reads the index of what others have appended.
  ///
  /// - Parameter isWaiting: called again and again until then; it may throw to stop waiting.
  /// - Throws: `cannotWrite` where the file system has no locks, and what `isWaiting` throws.
  mutating func lock(_ isWaiting: () throws(CNNError) -> Void) throws(CNNError) {
    while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
      let reason = Errno(rawValue: errno)
      guard reason == .wouldBlock || reason == .interrupted else {
        throw WriteTarget.failure(reason, path)
      }
      try isWaiting()
      usleep(Self.pollingInterval)
    }
    readIndex()
  }

  /// Makes what was appended survive a power cut, and lets others append.
  func unlock() {
    _ = fsync(descriptor.rawValue)
    _ = flock(descriptor.rawValue, LOCK_UN)
  }

  /// Appends the features of `key`. Precondition: the file is locked.
  ///
  /// - Throws: `cannotWrite`, for a full disk too.
  mutating func append(_ key: ContentHash, _ payload: UnsafeRawBufferPointer) throws(CNNError) {
    precondition(payload.count == payloadSize, "features of another size")
    var header = key.bytes
    withUnsafeBytes(of: Self.checksum(key, payload).littleEndian) { header += $0 }
    header += [UInt8](repeating: 0, count: Self.recordHeaderSize - header.count)
    let padding = [UInt8](repeating: 0, count: recordSize - header.count - payload.count)
    let offset = Int64(headerSize + recordCount * recordSize)
    do {
      // The header last: until it is there the record does not exist.
      _ = try descriptor.writeAll(toAbsoluteOffset: offset + Int64(header.count), payload)
      _ = try descriptor.writeAll(
        toAbsoluteOffset: offset + Int64(recordSize - padding.count), padding)
      _ = try descriptor.writeAll(toAbsoluteOffset: offset, header)
    } catch {
      throw WriteTarget.failure(error, path)
    }
    positions[key] = recordCount
    recordCount += 1
  }

  /// Reads the features of `key`.
  ///
  /// - Parameter target: `payloadSize` bytes.
  /// - Returns: false where there are none, or where they do not match their checksum.
  func read(_ key: ContentHash, into target: UnsafeMutableRawBufferPointer) -> Bool {
    precondition(target.count == payloadSize, "features of another size")
    guard let position = positions[key] else { return false }
    var header = [UInt8](repeating: 0, count: Self.recordHeaderSize)
    let offset = Int64(headerSize + position * recordSize)
    let isWhole =
      header.withUnsafeMutableBytes { descriptor.readAll($0, at: offset) }
      && descriptor.readAll(target, at: offset + Int64(Self.recordHeaderSize))
    guard isWhole else { return false }
    let checksum = header.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }
    return checksum == Self.checksum(key, UnsafeRawBufferPointer(target))
  }

  /// Forgets the features of `key`, so that others can be appended in their place.
  mutating func forget(_ key: ContentHash) { positions[key] = nil }

  private var recordSize: Int { Self.recordSize(payloadSize: payloadSize) }

  /// Bytes of a record with so many of features.
  static func recordSize(payloadSize: Int) -> Int {
    (recordHeaderSize + payloadSize + alignment - 1) / alignment * alignment
  }

  /// What a file begins with.
  static func header(_ key: [UInt8]) -> [UInt8] {
    var header = magic
    withUnsafeBytes(of: UInt64(key.count).littleEndian) { header += $0 }
    header += key
    return header
      + [UInt8](repeating: 0x20, count: (alignment - header.count % alignment) % alignment)
  }

  /// The hash of a record's features and of what they belong to.
  private static func checksum(_ key: ContentHash, _ payload: UnsafeRawBufferPointer) -> UInt64 {
    let seed = key.bytes.withUnsafeBytes { XXHash64.hash($0) }
    // Zero is what a record that was never finished has there.
    return max(1, XXHash64.hash(payload, seed: seed))
  }

  /// The file, with its header written or checked.
  private static func open(_ path: FilePath, _ header: [UInt8]) throws(CNNError) -> FileDescriptor {
    do {
      let descriptor = try FileDescriptor.open(
        path, .readWrite, options: [.create, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      return try descriptor.closeAfterFailure { try check(descriptor, header, path) }
    } catch {
      throw WriteTarget.failure(error, path)
    }
  }

  private static func check(
    _ descriptor: FileDescriptor, _ header: [UInt8], _ path: FilePath
  ) throws {
    var found = [UInt8](repeating: 0, count: header.count)
    guard found.withUnsafeMutableBytes({ descriptor.readAll($0, at: 0) }) else {
      // New, or torn before the first record.
      _ = try descriptor.writeAll(toAbsoluteOffset: 0, header)
      return
    }
    guard found == header else {
      throw CNNError(
        .output, .corrupt, "this is no file of these features", subject: path.displayName,
        remedy: CNNError.Remedy("Clear the feature cache", action: .clearFeatureCache))
    }
  }

  /// Reads the headers of the records behind those that are known.
  private mutating func readIndex() {
    var record = [UInt8](repeating: 0, count: Self.recordHeaderSize)
    while record.withUnsafeMutableBytes({
      descriptor.readAll($0, at: Int64(headerSize + recordCount * recordSize))
    }), record[16..<24].contains(where: { $0 != 0 }), isInside(recordCount) {
      positions[ContentHash(bytes: Array(record[..<16]))] = recordCount
      recordCount += 1
    }
  }

  /// Whether record `index` ends inside the file.
  private func isInside(_ index: Int) -> Bool {
    let end = try? descriptor.seek(offset: 0, from: .end)
    return (end ?? 0) >= Int64(headerSize + (index + 1) * recordSize)
  }
}

extension FileDescriptor {
  /// Fills `target` from `offset` on; false where the file ends before, or cannot be read.
  fileprivate func readAll(_ target: UnsafeMutableRawBufferPointer, at offset: Int64) -> Bool {
    var filled = 0
    while filled < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      let count = try? read(
        fromAbsoluteOffset: offset + Int64(filled), into: rest, retryOnInterrupt: true)
      guard let count, count > 0 else { return false }
      filled += count
    }
    return true
  }

  /// This descriptor once `body` has ended well; closed where it has not.
  fileprivate func closeAfterFailure(_ body: () throws -> Void) throws -> FileDescriptor {
    do {
      try body()
      return self
    } catch {
      try? close()
      throw error
    }
  }
}

extension ContentHash {
  /// The sixteen bytes of the hash.
  var bytes: [UInt8] {
    words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }

  /// The hash that has these sixteen bytes.
  init(bytes: [UInt8]) {
    self.init(
      words: bytes.withUnsafeBytes { buffer in
        [0, 8].map {
          UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
        }
      })
  }
}
