internal import CNNSystem
internal import CNNWeights

/// A gzip file (RFC 1952) of one member.
struct GzipFile {
  private let deflated: Bytes
  private let checksum: UInt32
  private let size: UInt32

  /// Whether `bytes` begin like one.
  static func matches(_ bytes: Bytes) -> Bool {
    bytes.count > 2 && bytes[0..<2].array == [0x1F, 0x8B]
  }

  /// Reads the header and the trailer.
  ///
  /// - Throws: `truncated`; `unsupported` for another method than deflate.
  init(_ bytes: Bytes) throws(CNNError) {
    var reader = ByteReader(bytes, domain: .data)
    try reader.skip(2)
    guard try reader.readByte() == 8 else {
      throw reader.failure(.unsupported, "this gzip file is not compressed with deflate")
    }
    let flags = try reader.readByte()
    try reader.skip(6)
    if flags & 4 != 0 { try reader.skip(Int(reader.read(UInt16.self, .little))) }
    if flags & 8 != 0 { _ = try reader.readBytes(until: 0) }
    if flags & 16 != 0 { _ = try reader.readBytes(until: 0) }
    if flags & 2 != 0 { try reader.skip(2) }
    guard reader.remaining >= 8 else {
      throw reader.failure(.truncated, "the gzip file ends too early")
    }
    deflated = try reader.read(count: reader.remaining - 8)
    checksum = try reader.read(UInt32.self, .little)
    size = try reader.read(UInt32.self, .little)
  }

  /// The first `count` bytes of the contents, or all where there are fewer.
  ///
  /// - Throws: `corrupt`.
  func prefix(_ count: Int) throws(CNNError) -> Bytes {
    var written = 0
    let bytes = try Bytes(count: count) { (target) throws(CNNError) in
      written = try Self.inflate(deflated, target).written
    }
    return bytes[0..<written]
  }

  /// The contents, which have to be `count` bytes.
  ///
  /// - Throws: `corrupt`, also for another size or a wrong checksum. Nothing is allocated for a
  ///   size that the compressed bytes cannot hold.
  func contents(count: Int) throws(CNNError) -> Bytes {
    let (largest, overflows) = deflated.count.multipliedReportingOverflow(
      by: Deflate.largestExpansion)
    guard overflows || count <= largest, size == UInt32(truncatingIfNeeded: count) else {
      throw CNNError(
        .data, .corrupt, "the gzip file does not hold what its contents announce",
        found: "\(size) bytes", expected: "\(count)", remedy: "Fetch or copy the file again")
    }
    let bytes = try Bytes(count: count) { (target) throws(CNNError) in
      let outcome = try Self.inflate(deflated, target)
      guard outcome.ended, outcome.written == count, !outcome.overflowed else {
        throw CNNError(
          .data, .corrupt, "the gzip file holds more or less than it announces",
          remedy: "Fetch or copy the file again")
      }
    }
    guard Checksum.crc32(of: bytes, threads: 1) == checksum else {
      throw CNNError(
        .data, .corrupt, "the checksum of the gzip file is wrong",
        remedy: "Fetch or copy the file again")
    }
    return bytes
  }

  private static func inflate(
    _ source: Bytes, _ target: UnsafeMutableRawBufferPointer
  ) throws(CNNError) -> Deflate.Outcome {
    do {
      return try Deflate.inflate(source, into: target)
    } catch {
      throw CNNError(
        .data, error.code, "the gzip file is damaged", remedy: "Fetch or copy the file again")
    }
  }
}
