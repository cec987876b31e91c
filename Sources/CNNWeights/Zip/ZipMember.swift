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
    /// It must match unless it is zero: PyTorch writes zero when checksums are switched off.
    case verifyUnlessZero
    /// It is not checked.
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

  /// All contents; those of a stored member are a part of the archive and not copied.
  ///
  /// - Parameters:
  ///   - checksum: whether they must match the archive's checksum.
  ///   - threads: how many threads compute the checksum.
  /// - Throws: `corrupt` where the checksum or the size does not match.
  func contents(checksum policy: ChecksumPolicy, threads: Int) throws(CNNError) -> Bytes {
    try contents(checksum: policy, scanning: 0..<0, threads: threads).bytes
  }

  /// All contents, and the first of the Float32 elements at `elements` that is NaN or infinite.
  ///
  /// - Throws: `corrupt` where the checksum or the size does not match.
  func contents(
    checksum policy: ChecksumPolicy, scanning elements: Range<Int>, threads: Int
  ) throws(CNNError) -> (bytes: Bytes, nonFinite: Int?) {
    let bytes = try unverifiedContents()
    let verifies = policy == .verify || policy == .verifyUnlessZero && checksum != 0
    guard verifies || !elements.isEmpty else { return (bytes, nil) }
    let findings = ContentScan(sumsChecksum: verifies, elements: elements)
      .run(bytes, threads: threads)
    if verifies { try requireChecksum(findings.checksum) }
    return (bytes, findings.nonFinite)
  }

  private func unverifiedContents() throws(CNNError) -> Bytes {
    switch method {
    case .stored:
      packed
    case .deflated:
      try Bytes(count: size) { (target) throws(CNNError) in
        let outcome = try inflate(into: target)
        guard
          outcome.ended, outcome.written == size, !outcome.overflowed,
          outcome.consumed == packed.count
        else { throw sizeFailure(outcome) }
      }
    }
  }

  private func requireChecksum(_ sum: UInt32) throws(CNNError) {
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
