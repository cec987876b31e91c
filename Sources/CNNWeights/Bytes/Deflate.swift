package import CNNSystem
internal import CNNZlib

/// Raw deflate streams (RFC 1951), as zip archives and gzip files hold them.
package enum Deflate {
  /// The most bytes that one byte of deflate can become; a file that announces more is damaged.
  package static let largestExpansion = 1032

  /// How far a stream got before its target was full.
  package struct Outcome {
    /// Bytes written to the target.
    package var written = 0
    /// Bytes of the stream that were read.
    package var consumed = 0
    /// Whether the stream's end was reached.
    package var ended = false
    /// Whether there was more to write than the target has room for.
    package var overflowed = false
  }

  /// Inflates `source` until it ends or `target` is full. Never writes more.
  ///
  /// - Throws: `corrupt` where `source` is no deflate stream.
  package static func inflate(
    _ source: Bytes, into target: UnsafeMutableRawBufferPointer
  ) throws(CNNError) -> Outcome {
    let (outcome, status) = source.withUnsafeBytes { input in
      var stream = z_stream()
      // zlib remembers the address of the stream, so it must not move between the calls.
      return withUnsafeMutablePointer(to: &stream) { stream in
        guard
          inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            == Z_OK
        else { return (Outcome(), Z_MEM_ERROR) }
        defer { inflateEnd(stream) }
        return run(stream, input, target)
      }
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw CNNError(
        .weights, .corrupt, "the compressed data are damaged",
        remedy: "Fetch or copy the file again")
    }
    return outcome
  }

  private static func run(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
    _ target: UnsafeMutableRawBufferPointer
  ) -> (Outcome, Int32) {
    var outcome = Outcome()
    // Room for one byte too many: a stream that ends exactly with the target needs no room to
    // say so, and one that goes on shows it here.
    var spare: UInt8 = 0
    return withUnsafeMutableBytes(of: &spare) { spare in
      var status = Z_OK
      while status == Z_OK {
        let isFull = outcome.written == target.count
        let output =
          isFull ? spare : UnsafeMutableRawBufferPointer(rebasing: target[outcome.written...])
        let (read, written): (Int, Int)
        let rest = UnsafeRawBufferPointer(rebasing: input[outcome.consumed...])
        (status, read, written) = step(stream, rest, output)
        outcome.consumed += read
        if isFull {
          outcome.overflowed = written > 0
        } else {
          outcome.written += written
        }
        if outcome.overflowed || (read == 0 && written == 0) { break }
      }
      outcome.ended = status == Z_STREAM_END
      return (outcome, status)
    }
  }

  /// One call of zlib, whose counts have 32 bits.
  private static func step(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
    _ output: UnsafeMutableRawBufferPointer
  ) -> (status: Int32, read: Int, written: Int) {
    let (available, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
    // zlib does not write its input; the declaration in C is older than `const`.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = room
    let status = CNNZlib.inflate(stream, Z_NO_FLUSH)
    return (
      status, Int(available - stream.pointee.avail_in), Int(room - stream.pointee.avail_out)
    )
  }
}
