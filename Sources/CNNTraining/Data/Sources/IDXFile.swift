internal import CNNCore
internal import CNNSystem
internal import SystemPackage

/// An idx file of bytes, plain or gzipped: the format in which MNIST is published (LeCun, Cortes,
/// Burges, "The MNIST database", section "File formats").
struct IDXFile {
  /// The size of each dimension: `[N]` for labels, `[N, rows, columns]` for pictures.
  let shape: [Int]
  /// The elements in row-major order.
  let elements: Bytes

  /// The largest file that is read, in bytes, compressed and not.
  private static let maximumSize = 4 << 30

  /// Reads a file.
  ///
  /// - Throws: `unsupported` for what is no idx file of bytes; `truncated`, `corrupt`, `tooLarge`.
  init(_ path: FilePath) throws(CNNError) {
    do {
      let bytes = try InputFile(path, domain: .data).read(limit: Self.maximumSize)
      if GzipFile.matches(bytes) {
        let file = try GzipFile(bytes)
        let header = try Header(file.prefix(Header.maximumSize))
        try self.init(header, file.contents(count: header.fileSize))
      } else {
        try self.init(Header(bytes), bytes)
      }
    } catch {
      throw error.about(path.displayName)
    }
  }

  private init(_ header: Header, _ bytes: Bytes) throws(CNNError) {
    guard bytes.count == header.fileSize else {
      throw CNNError(
        .data, .truncated, "the idx file does not have the size that its header announces",
        found: "\(bytes.count) bytes", expected: "\(header.fileSize)",
        remedy: "Fetch or copy the file again")
    }
    shape = header.shape
    elements = bytes[header.size..<bytes.count]
  }

  /// Whether a file begins like an idx file of bytes with `rank` dimensions, plain or gzipped.
  static func isIDX(_ path: FilePath, rank: Int) -> Bool {
    guard
      let file = try? InputFile(path, domain: .data),
      // A gzip header names the file, which takes a few hundred bytes at most.
      let start = try? file.read(first: 1 << 16)
    else { return false }
    let plain = GzipFile.matches(start) ? try? GzipFile(start).prefix(4) : start
    return plain.map { $0.count >= 4 && $0[0..<4].array == [0, 0, 8, UInt8(rank)] } ?? false
  }

  /// The sizes at the beginning of an idx file.
  private struct Header {
    static let maximumSize = 16
    let shape: [Int]
    let size: Int
    let fileSize: Int

    init(_ bytes: Bytes) throws(CNNError) {
      var reader = ByteReader(bytes, domain: .data)
      let magic = try reader.read(UInt32.self, .big)
      guard magic >> 8 == 8, (1...3).contains(magic & 0xFF) else {
        throw CNNError(
          .data, .unsupported, "this is no idx file of bytes", at: .byte(0),
          found: "0x" + String(magic, radix: 16), expected: "0x801 (labels) or 0x803 (pictures)")
      }
      var shape: [Int] = []
      var count = 1
      for _ in 0..<(magic & 0xFF) {
        let size = try Int(reader.read(UInt32.self, .big))
        let (product, overflows) = count.multipliedReportingOverflow(by: size)
        guard !overflows, product <= IDXFile.maximumSize else {
          throw reader.failure(.tooLarge, "the idx file announces more than 4 GiB")
        }
        count = product
        shape.append(size)
      }
      self.shape = shape
      size = reader.position
      fileSize = size + count
    }
  }
}
