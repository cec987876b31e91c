internal import CNNSystem

/// The tokens of JSON (RFC 8259) that safetensors headers are made of.
struct JSONScanner {
  private var reader: ByteReader

  /// A scanner of the text that `reader` holds.
  init(_ reader: ByteReader) { self.reader = reader }

  /// Passes over spaces, and then over `character` if it follows.
  mutating func consume(_ character: Unicode.Scalar) throws(CNNError) -> Bool {
    try skipSpaces()
    guard !reader.isAtEnd, try reader.peek() == UInt8(ascii: character) else { return false }
    try reader.skip(1)
    return true
  }

  /// Passes over spaces and `character`. Throws `corrupt` where something else follows.
  mutating func expect(_ character: Unicode.Scalar) throws(CNNError) {
    guard try consume(character) else { throw failure("no \(character)") }
  }

  /// Throws `corrupt` where anything but spaces follows.
  mutating func expectEnd() throws(CNNError) {
    try skipSpaces()
    guard reader.isAtEnd else { throw failure("more than one object") }
  }

  /// A text. Throws `corrupt` for control characters, bad escapes and bytes that are not UTF-8.
  mutating func string() throws(CNNError) -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while true {
      let byte = try reader.readByte()
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw failure("a text that is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): bytes += Array(try escape().utf8)
      case 0..<0x20: throw failure("a control character in a text")
      default: bytes.append(byte)
      }
    }
  }

  /// `[1, 2, 3]`: integers from zero to `Int.max`, and no more than `limit` of them.
  mutating func integers(atMost limit: Int) throws(CNNError) -> [Int] {
    var integers: [Int] = []
    try expect("[")
    guard try !consume("]") else { return [] }
    repeat {
      guard integers.count < limit else { throw failure("more than \(limit) numbers in a list") }
      integers.append(try integer())
    } while try consume(",")
    try expect("]")
    return integers
  }

  /// An error at the current place.
  func failure(_ found: String) -> CNNError {
    CNNError(
      .weights, .corrupt, "the safetensors header is damaged", at: .byte(reader.offset),
      found: found)
  }

  private mutating func integer() throws(CNNError) -> Int {
    try skipSpaces()
    var value = 0
    var digits = 0
    while !reader.isAtEnd, case let byte = try reader.peek(), (0x30...0x39).contains(byte) {
      // JSON writes no zero before other digits.
      guard digits == 0 || value > 0 else { throw failure("a number that begins with zero") }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(Int(byte - 0x30))
      guard !overflow, !carry else { throw failure("a number beyond 64 bits") }
      value = next
      digits += 1
      try reader.skip(1)
    }
    guard digits > 0 else { throw failure("no whole number where one should be") }
    return value
  }

  private mutating func escape() throws(CNNError) -> String {
    switch Unicode.Scalar(try reader.readByte()) {
    case "\"": return "\""
    case "\\": return "\\"
    case "/": return "/"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return try unicodeEscape()
    default: throw failure("an unknown escape")
    }
  }

  /// `\u0041`, or two of them for a character beyond U+FFFF.
  private mutating func unicodeEscape() throws(CNNError) -> String {
    var units = [try codeUnit()]
    if (0xD800..<0xDC00).contains(units[0]) {
      guard try reader.readByte() == UInt8(ascii: "\\"), try reader.readByte() == UInt8(ascii: "u")
      else { throw failure("half of a character") }
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw failure("half of a character")
    }
    return text
  }

  private mutating func codeUnit() throws(CNNError) -> UInt16 {
    let digits = try reader.read(count: 4).array
    guard
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("an escape without its digits") }
    return unit
  }

  private mutating func skipSpaces() throws(CNNError) {
    while !reader.isAtEnd, [0x20, 0x0A, 0x0D, 0x09].contains(try reader.peek()) {
      try reader.skip(1)
    }
  }
}
