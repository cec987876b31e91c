internal import CNNSystem

/// The bytes of one or more arrays: memory, a part of a mapped file, or a member of a zip archive,
/// which is verified, and inflated where it is deflated, at each use.
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

  /// Whether `bytes(threads:)` returns a part of the file and copies nothing.
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

  /// The bytes, checked, and the first of the Float32 elements at `elements` that is NaN or infinite.
  func bytes(
    threads: Int, scanning elements: Range<Int>
  ) throws(CNNError) -> (bytes: Bytes, nonFinite: Int?) {
    switch source {
    case .bytes(let bytes):
      let scan = ContentScan(sumsChecksum: false, elements: 0..<elements.count)
      return (bytes, scan.run(bytes[elements], threads: threads).nonFinite)
    case .zipMember(let member, let checksum):
      return try member.contents(checksum: checksum, scanning: elements, threads: threads)
    }
  }
}
