internal import CNNSystem

/// The ways in which pickles write bytes as text. Each result is a copy, which the heap allows.
enum PickleText {
  /// The bytes of a Python 2 `repr`, such as `'a\x00\n'`.
  static func unquoted<Object>(
    _ line: Bytes, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Bytes {
    try heap.willCopy(byteCount: line.count)
    let characters = line.array
    let quotes = [UInt8(ascii: "'"), UInt8(ascii: "\"")]
    guard
      characters.count >= 2, let quote = characters.first, quotes.contains(quote),
      characters.last == quote
    else { throw malformed("a quoted text without its quotes") }
    var result: [UInt8] = []
    var rest = characters[1..<characters.count - 1]
    while let character = rest.popFirst() {
      if character == UInt8(ascii: "\\") {
        result.append(try escaped(&rest))
      } else {
        result.append(character)
      }
    }
    return Bytes(copying: result)
  }

  /// The byte that an escape such as `\n`, `\x0a` or `\\` means, from what follows its backslash.
  private static func escaped(_ rest: inout ArraySlice<UInt8>) throws(CNNError) -> UInt8 {
    switch rest.popFirst() {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "x"):
      let code = try hexadecimal(2, &rest)
      return UInt8(truncatingIfNeeded: code)
    case let character? where "\\'\"".utf8.contains(character): return character
    default: throw malformed("an unknown escape in a text")
    }
  }

  /// The UTF-8 of Python's `raw-unicode-escape`: Latin-1 with `\u0041` and `\U0001f600`.
  static func rawUnicode<Object>(
    _ line: Bytes, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Bytes {
    // A Latin-1 character takes two bytes of UTF-8 at most, and an escape fewer than it has.
    try heap.willCopy(byteCount: 2 * line.count)
    var scalars = String.UnicodeScalarView()
    var rest = line.array[...]
    while let character = rest.popFirst() {
      let digits =
        switch (character, rest.first) {
        case (UInt8(ascii: "\\"), UInt8(ascii: "u")): 4
        case (UInt8(ascii: "\\"), UInt8(ascii: "U")): 8
        default: 0
        }
      guard digits > 0 else {
        scalars.append(Unicode.Scalar(character))
        continue
      }
      rest.removeFirst()
      guard let scalar = Unicode.Scalar(try hexadecimal(digits, &rest)) else {
        throw malformed("an escape that is no character")
      }
      scalars.append(scalar)
    }
    return Bytes(copying: Array(String(scalars).utf8))
  }

  /// The Latin-1 bytes of a text in UTF-8: how Python 3 writes bytes in protocol 2.
  static func latin1<Object>(
    _ text: Bytes, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Bytes {
    let count = text.withUnsafeBytes { $0.reduce(into: 0) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 } }
    try heap.willCopy(byteCount: count)
    return try Bytes(count: count) { (target) throws(CNNError) in
      let isValid = text.withUnsafeBytes { decodeLatin1($0, into: target) }
      guard isValid else { throw malformed("a text that is not Latin-1") }
    }
  }

  /// Precondition: `target` has one byte for each that does not continue a character.
  private static func decodeLatin1(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var position = 0
    for index in target.indices {
      guard position < source.count else { return false }
      let first = source[position]
      if first < 0x80 {
        target[index] = first
        position += 1
      } else {
        // U+0080 to U+00FF: two bytes, of which the first is C2 or C3.
        guard
          first == 0xC2 || first == 0xC3, position + 1 < source.count,
          source[position + 1] & 0xC0 == 0x80
        else { return false }
        target[index] = (first & 0x03) << 6 | source[position + 1] & 0x3F
        position += 2
      }
    }
    return position == source.count
  }

  private static func hexadecimal(
    _ count: Int, _ rest: inout ArraySlice<UInt8>
  ) throws(CNNError) -> UInt32 {
    let digits = rest.prefix(count)
    rest = rest.dropFirst(count)
    guard
      digits.count == count, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw malformed("an escape without its digits") }
    return code
  }

  private static func malformed(_ found: String) -> CNNError {
    CNNError(.weights, .corrupt, "the pickle is malformed", found: found)
  }
}
