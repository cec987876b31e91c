internal import CNNSystem

/// The JSON (RFC 8259) of safetensors: the header of a file, and the index of a sharded one.
struct JSONScanner {
  private var scanner: TextScanner

  /// Values in values that are skipped; deeper ones are refused.
  private static let maximumDepth = 64

  /// A scanner of the text that `reader` holds.
  ///
  /// - Parameter problem: what an error calls the text when it is damaged.
  init(_ reader: ByteReader, problem: String) {
    scanner = TextScanner(reader, problem: problem)
  }

  /// Reads `{"key": value, ...}`. Keys must not repeat: parsers that accept such texts disagree about
  /// which value counts.
  ///
  /// - Parameter value: reads the value of a key.
  mutating func object(
    _ value: (inout JSONScanner, String) throws(CNNError) -> Void
  ) throws(CNNError) {
    var keys: Set<String> = []
    try scanner.expect("{")
    guard try !scanner.consume("}") else { return }
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("the key \(key.printable) twice") }
      try scanner.expect(":")
      try value(&self, key)
    } while try scanner.consume(",")
    try scanner.expect("}")
  }

  /// A text. Throws `corrupt` for control characters, bad escapes and bytes that are not UTF-8.
  mutating func string() throws(CNNError) -> String {
    try scanner.expect("\"")
    var bytes: [UInt8] = []
    while true {
      let byte = try scanner.readByte()
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
    try scanner.expect("[")
    guard try !scanner.consume("]") else { return [] }
    repeat {
      guard integers.count < limit else { throw failure("more than \(limit) numbers in a list") }
      integers.append(try scanner.integer())
    } while try scanner.consume(",")
    try scanner.expect("]")
    return integers
  }

  /// Reads any value and drops it. Throws `corrupt` for what is no JSON or nested too deeply.
  mutating func skipValue(depth: Int = 0) throws(CNNError) {
    guard depth < Self.maximumDepth else { throw failure("values nested too deeply") }
    switch try scanner.peek() {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"):
      try object { (json, _) throws(CNNError) in try json.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      try scanner.expect("[")
      guard try !scanner.consume("]") else { return }
      repeat { try skipValue(depth: depth + 1) } while try scanner.consume(",")
      try scanner.expect("]")
    default: try skipWord()
    }
  }

  /// Throws `corrupt` where anything but spaces is left.
  mutating func expectEnd() throws(CNNError) { try scanner.expectEnd("more than one object") }

  /// An error at the current position.
  func failure(_ found: String) -> CNNError { scanner.failure(found) }

  /// `true`, `false`, `null` or a number.
  private mutating func skipWord() throws(CNNError) {
    for word in ["true", "false", "null"] where try scanner.consume(word) { return }
    var count = 0
    while case let byte = try scanner.peek(), "+-.0123456789eE".utf8.contains(byte) {
      _ = try scanner.readByte()
      count += 1
    }
    guard count > 0 else { throw failure("no value where one should be") }
  }

  private mutating func escape() throws(CNNError) -> String {
    switch Unicode.Scalar(try scanner.readByte()) {
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
      let next = try scanner.read(count: 2)
      guard next.elementsEqual("\\u".utf8) else { throw failure("half of a character") }
      units.append(try codeUnit())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw failure("half of a character")
    }
    return text
  }

  private mutating func codeUnit() throws(CNNError) -> UInt16 {
    let digits = try scanner.read(count: 4)
    guard
      digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("an escape without its digits") }
    return unit
  }
}
