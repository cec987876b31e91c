internal import CNNSystem

/// One member of a zip archive whose headers have been checked.
struct ZipMember: Sendable {
  /// How the member is compressed.
  enum Method: Sendable {
    /// Not at all (method 0).
    case stored
    /// Raw deflate (method 8).
    case deflated
  }

  /// What to do with the checksum of a member.
  enum ChecksumPolicy: Sendable {
    /// It must match.
    case verify
    /// It must match unless it is zero: PyTorch writes zero where it was told not to compute any.
    case verifyUnlessZero
    /// It is not looked at.
    case ignore
  }

  /// The name in the archive, such as `conv1_1_W.npy`.
  let name: String
  /// How the member is compressed.
  let method: Method
  /// CRC-32 of the contents.
  let checksum: UInt32
  /// Size of the contents, in bytes.
  let size: Int
  /// The bytes of the member in the file, compressed or not.
  let packed: Bytes
  /// Offset of `packed` in the file.
  let offset: Int

  /// The first `count` bytes of the contents, or all where there are fewer; not verified.
  ///
  /// - Throws: `corrupt` where the deflate stream is damaged or shorter.
  func prefix(_ count: Int) throws(CNNError) -> Bytes {
    let count = min(count, size)
    switch method {
    case .stored:
      return packed[0..<count]
    case .deflated:
      return try Bytes(count: count) { (target) throws(CNNError) in
        let outcome = try inflate(into: target)
        guard outcome.written == count else { throw sizeFailure(outcome) }
      }
    }
  }

  /// All contents, in place where stored.
  ///
  /// - Parameters:
  ///   - checksum: whether they must match the archive's checksum.
  ///   - threads: how many may compute the checksum at once.
  /// - Throws: `corrupt` where the checksum or the size does not match.
  func contents(checksum policy: ChecksumPolicy, threads: Int) throws(CNNError) -> Bytes {
    let bytes: Bytes
    switch method {
    case .stored:
      bytes = packed
    case .deflated:
      bytes = try Bytes(count: size) { (target) throws(CNNError) in
        let outcome = try inflate(into: target)
        guard
          outcome.ended, outcome.written == size, !outcome.overflowed,
          outcome.consumed == packed.count
        else { throw sizeFailure(outcome) }
      }
    }
    try verify(bytes, policy, threads)
    return bytes
  }

  private func verify(_ bytes: Bytes, _ policy: ChecksumPolicy, _ threads: Int) throws(CNNError) {
    if policy == .ignore || (policy == .verifyUnlessZero && checksum == 0) { return }
    let sum = Checksum.crc32(of: bytes, threads: threads)
    guard sum == checksum else {
      throw CNNError(
        .weights, .corrupt, "the member \(name.printable) does not match its checksum (CRC-32)",
        at: .byte(offset), found: hexadecimal(sum), expected: hexadecimal(checksum),
        remedy: "The file was damaged on its way: fetch or copy it again")
    }
  }

  private func inflate(
    into target: UnsafeMutableRawBufferPointer
  ) throws(CNNError) -> Deflate.Outcome {
    do {
      return try Deflate.inflate(packed, into: target)
    } catch {
      var located = error
      located.problem = "the compressed member \(name.printable) is damaged"
      located.location = .byte(offset)
      throw located
    }
  }

  private func sizeFailure(_ outcome: Deflate.Outcome) -> CNNError {
    let found =
      outcome.overflowed
      ? "more" : outcome.ended ? "\(outcome.written) bytes" : "a stream without its end"
    return CNNError(
      .weights, .corrupt,
      "the compressed member \(name.printable) is not as large as its header says",
      at: .byte(offset), found: found, expected: "\(size) bytes")
  }

  private func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
