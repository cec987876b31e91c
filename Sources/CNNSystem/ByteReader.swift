/// Reads untrusted bytes from front to back. Every read is checked, and an error names its offset.
///
/// All parsers of the package read through this type, so none of them can read outside its file.
public struct ByteReader: Sendable {
  /// The order of the bytes of a number.
  public enum Endianness: Sendable {
    /// Least significant byte first (x86, zip, safetensors).
    case little
    /// Most significant byte first (PNG, JPEG, idx).
    case big
  }

  /// What is read.
  public let bytes: Bytes
  /// Offset of the next byte, counted from the first byte of `bytes`.
  public private(set) var position: Int
  let domain: CNNError.Domain
  let origin: Int

  /// A reader at the first byte.
  ///
  /// - Parameters:
  ///   - bytes: what to read.
  ///   - domain: the domain of the errors.
  ///   - origin: offset of `bytes` in its file, added to the offsets in errors.
  public init(_ bytes: Bytes, domain: CNNError.Domain, origin: Int = 0) {
    self.bytes = bytes
    self.domain = domain
    self.origin = origin
    self.position = 0
  }

  /// Offset of the next byte in its file: `position`, counted from where `bytes` begin there.
  public var offset: Int { origin + position }

  /// Bytes not yet read.
  public var remaining: Int { bytes.count - position }

  /// Whether all bytes were read.
  public var isAtEnd: Bool { position == bytes.count }

  /// Moves to `offset`. Throws `truncated` where it lies outside.
  public mutating func seek(to offset: Int) throws(CNNError) {
    guard offset >= 0, offset <= bytes.count else {
      throw CNNError(
        domain, .truncated, "an offset points outside the file", at: .byte(self.offset),
        found: "offset \(offset)", expected: "at most \(bytes.count)")
    }
    position = offset
  }

  /// Skips `count` bytes.
  public mutating func skip(_ count: Int) throws(CNNError) {
    try require(count)
    position += count
  }

  /// The next `count` bytes, shared with the file.
  public mutating func read(count: Int) throws(CNNError) -> Bytes {
    try require(count)
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// The next byte.
  public mutating func readByte() throws(CNNError) -> UInt8 { try read(UInt8.self, .little) }

  /// The next number of type `Value`, at any alignment.
  public mutating func read<Value: FixedWidthInteger>(
    _ type: Value.Type, _ endianness: Endianness
  ) throws(CNNError) -> Value {
    try require(MemoryLayout<Value>.size)
    let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Value.self) }
    position += MemoryLayout<Value>.size
    return switch endianness {
    case .little: Value(littleEndian: value)
    case .big: Value(bigEndian: value)
    }
  }

  /// The bytes up to `terminator`, which is skipped and not returned.
  public mutating func readBytes(until terminator: UInt8) throws(CNNError) -> Bytes {
    let length = bytes.withUnsafeBytes { $0[position...].firstIndex(of: terminator) }
    guard let length else {
      throw CNNError(
        domain, .truncated, "the file ends inside a text", at: .byte(offset))
    }
    defer { position = length + 1 }
    return bytes[position..<length]
  }

  /// An error of this reader's domain at the current position.
  public func failure(_ code: CNNError.Code, _ problem: String) -> CNNError {
    CNNError(domain, code, problem, at: .byte(offset))
  }

  private func require(_ count: Int) throws(CNNError) {
    guard count >= 0, count <= remaining else {
      throw CNNError(
        domain, .truncated, "the file ends too early", at: .byte(offset),
        found: "\(remaining) bytes", expected: "\(count)")
    }
  }
}
