internal import CNNSystem

/// The header of a `.npy` array: a Python dict literal with exactly the keys `descr`,
/// `fortran_order` and `shape` (NumPy, `numpy/lib/format.py`, versions 1.0 to 3.0).
struct NPYHeader {
  /// The type of the elements.
  var dataType: NumPyDataType
  /// Whether the first index varies fastest.
  var isFortranOrder: Bool
  /// The size of each dimension.
  var shape: [Int]
  /// Bytes before the elements: magic, version, length and the literal.
  var byteCount: Int

  static let magic: [UInt8] = [0x93] + "NUMPY".utf8
  /// The longest literal that is read; NumPy itself stops at 10,000.
  static let maximumLength = 65_536
  /// Enough bytes of a file to know the length of its literal.
  static let lengthPrefix = 12
  /// Headers are padded to a multiple of this, so that the elements behind them are aligned.
  private static let alignment = 64

  /// Reads the header at the position of `reader`, which moves on to the elements.
  ///
  /// - Throws: `corrupt`, `truncated`, `tooLarge`, or `unsupported` for a later version.
  init(_ reader: inout ByteReader) throws(CNNError) {
    let start = reader.position
    let length = try Self.readLength(&reader)
    let offset = reader.offset
    var parser = NPYHeaderParser(
      ByteReader(try reader.read(count: length), domain: .weights, origin: offset))
    (dataType, isFortranOrder, shape) = try parser.parse()
    byteCount = reader.position - start
  }

  /// The whole size of the header that begins with `prefix`, in bytes.
  static func size(prefix: Bytes, origin: Int) throws(CNNError) -> Int {
    var reader = ByteReader(prefix, domain: .weights, origin: origin)
    let length = try readLength(&reader)
    return reader.position + length
  }

  private static func readLength(_ reader: inout ByteReader) throws(CNNError) -> Int {
    guard try reader.read(count: magic.count).array == magic else {
      throw reader.failure(.corrupt, "this does not begin like a .npy array")
    }
    let version = try reader.readByte()
    try reader.skip(1)
    let length: Int
    switch version {
    case 1: length = Int(try reader.read(UInt16.self, .little))
    case 2, 3: length = Int(try reader.read(UInt32.self, .little))
    default:
      throw reader.failure(.unsupported, "version \(version) of the .npy format is not supported")
    }
    guard length <= maximumLength else {
      throw CNNError(
        .weights, .tooLarge, "the header of a .npy array is too long", at: .byte(reader.offset),
        found: "\(length) bytes", expected: "at most \(maximumLength)")
    }
    return length
  }

  /// The bytes of a header of version 1.0 for an array of `shape` in row-major order.
  ///
  /// - Parameters:
  ///   - type: NumPy's type string, such as `<f4`.
  ///   - minimumSize: a multiple of 64 to which the header is padded at least.
  static func encoded(type: String, shape: [Int], minimumSize: Int = 0) -> [UInt8] {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let literal = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let prefixCount = magic.count + 4
    let unpadded = prefixCount + literal.utf8.count + 1
    let size = max(minimumSize, (unpadded + alignment - 1) / alignment * alignment)
    let padding = size - unpadded
    var fields = LittleEndianFields(bytes: magic + [1, 0])
    fields.append(UInt16(literal.utf8.count + padding + 1))
    fields.bytes += literal.utf8
    fields.bytes += [UInt8](repeating: UInt8(ascii: " "), count: padding)
    fields.bytes.append(UInt8(ascii: "\n"))
    return fields.bytes
  }
}
