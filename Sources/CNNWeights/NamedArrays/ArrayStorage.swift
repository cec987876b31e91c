internal import CNNSystem

/// The bytes behind one or more arrays: in memory or mapped already, or a member of a zip archive
/// that is verified, and inflated where deflated, when somebody asks for it.
struct ArrayStorage: Sendable {
  private enum Source: Sendable {
    case bytes(Bytes)
    case zipMember(ZipMember, ZipMember.ChecksumPolicy)
  }

  private let source: Source

  /// Bytes that need no further check.
  init(_ bytes: Bytes) { source = .bytes(bytes) }

  /// The contents of a zip member.
  init(_ member: ZipMember, checksum: ZipMember.ChecksumPolicy) {
    source = .zipMember(member, checksum)
  }

  /// The number of bytes.
  var count: Int {
    switch source {
    case .bytes(let bytes): bytes.count
    case .zipMember(let member, _): member.size
    }
  }

  /// Whether `bytes(threads:)` returns bytes that lie in the file as they are.
  var isInPlace: Bool {
    switch source {
    case .bytes: true
    case .zipMember(let member, _): member.method == .stored
    }
  }

  /// The bytes, checked. Throws `corrupt` where they contradict their checksum.
  func bytes(threads: Int) throws(CNNError) -> Bytes {
    switch source {
    case .bytes(let bytes): bytes
    case .zipMember(let member, let checksum):
      try member.contents(checksum: checksum, threads: threads)
    }
  }

  /// The bytes, checked, and the first of the Float32 numbers at `numbers` that is NaN or infinite.
  func bytes(
    threads: Int, scanning numbers: Range<Int>
  ) throws(CNNError) -> (bytes: Bytes, nonFinite: Int?) {
    switch source {
    case .bytes(let bytes):
      let scan = ContentScan(sumsChecksum: false, numbers: 0..<numbers.count)
      return (bytes, scan.run(bytes[numbers], threads: threads).nonFinite)
    case .zipMember(let member, let checksum):
      return try member.contents(checksum: checksum, scanning: numbers, threads: threads)
    }
  }
}
