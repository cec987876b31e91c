internal import CNNSystem

/// The safetensors format (github.com/huggingface/safetensors, "Format"): eight bytes with the
/// length of the header, the header in JSON, and the tensors one after the other.
enum SafetensorsFile {
  /// The longest header that is read, in bytes: the limit of the reference implementation.
  static let maximumHeaderLength = 100_000_000

  /// Reads the header and none of the tensors.
  ///
  /// - Returns: arrays in the order of their bytes.
  /// - Throws: `corrupt`, `truncated`, `tooLarge`, `unsupported`.
  static func read(_ bytes: Bytes) throws(CNNError) -> FileContents {
    var reader = ByteReader(bytes, domain: .weights)
    let length = try reader.read(UInt64.self, .little)
    guard length <= UInt64(maximumHeaderLength) else {
      throw CNNError(
        .weights, .tooLarge, "the safetensors header is too long", at: .byte(0),
        found: "\(length) bytes", expected: "at most \(maximumHeaderLength)")
    }
    let header = try reader.read(count: Int(length))
    guard header.count > 0, header[0..<1].array == [UInt8(ascii: "{")] else {
      throw CNNError(
        .weights, .corrupt, "the safetensors header does not begin with {", at: .byte(8))
    }
    let description = try SafetensorsHeader(ByteReader(header, domain: .weights, origin: 8))
    let data = try reader.read(count: reader.remaining)
    let storage = ArrayStorage(data)
    var arrays: [NamedArray] = []
    for entry in try inFileOrder(description.entries, dataSize: data.count) {
      arrays.append(
        NamedArray(
          name: entry.name, shape: entry.shape, elementType: entry.elementType,
          byteOrder: .little, order: .rowMajor, storage: storage, range: entry.range))
    }
    return FileContents(arrays: arrays, metadata: description.metadata)
  }

  /// The entries sorted by offset.
  ///
  /// - Throws: `corrupt` where a shape does not fit its range, where ranges leave a hole or overlap,
  ///   and where they do not end with the file: a file could otherwise hide something, or be another
  ///   kind of file as well; `truncated` where the file ends before them.
  private static func inFileOrder(
    _ entries: [SafetensorsEntry], dataSize: Int
  ) throws(CNNError) -> [SafetensorsEntry] {
    let sorted = entries.sorted { first, second in
      (first.range.lowerBound, first.range.upperBound)
        < (second.range.lowerBound, second.range.upperBound)
    }
    var end = 0
    for entry in sorted {
      let size = try ArrayShape.byteCount(
        of: entry.shape, elementSize: entry.elementType.byteSize)
      guard entry.range.count == size else {
        throw failure(
          entry, .corrupt,
          "shape \(entry.shape) and type \(entry.elementType.rawValue) do not fit "
            + "the offsets", found: "\(entry.range.count) bytes", expected: "\(size)")
      }
      guard entry.range.lowerBound == end else {
        throw failure(
          entry, .corrupt, "tensors overlap or leave a hole",
          found: "offset \(entry.range.lowerBound)", expected: "\(end)")
      }
      end = entry.range.upperBound
    }
    guard end == dataSize else {
      throw CNNError(
        .weights, end > dataSize ? .truncated : .corrupt,
        "the tensors do not end where the file does", found: "\(dataSize) bytes of tensors",
        expected: "\(end)", remedy: end > dataSize ? "Fetch or copy the file again" : nil)
    }
    return sorted
  }

  private static func failure(
    _ entry: SafetensorsEntry, _ code: CNNError.Code, _ problem: String, found: String,
    expected: String
  ) -> CNNError {
    CNNError(
      .weights, code, problem, at: .tensor(entry.name.printable), found: found, expected: expected)
  }
}
