public import SystemPackage

extension FilePath {
  /// The path for people and for JSON: control characters, backslashes and bytes that are not UTF-8
  /// are written as `\n`, `\\` or `\xff`, so that one path is always one line of valid text and no
  /// two paths look alike.
  public var displayName: String {
    withPlatformString { start in
      var text = ""
      var bytes = UnsafeBufferPointer(start: start, count: length)[...]
      while let first = bytes.first {
        let character = UInt8(bitPattern: first)
        let sequenceLength = Self.sequenceLength(lead: character)
        let candidate = bytes.prefix(sequenceLength).map { UInt8(bitPattern: $0) }
        if let scalar = String(validating: candidate, as: UTF8.self), !scalar.isEmpty,
          scalar.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }),
          scalar != "\\"
        {
          text += scalar
          bytes = bytes.dropFirst(sequenceLength)
        } else {
          text += Self.escape(character)
          bytes = bytes.dropFirst()
        }
      }
      return text
    }
  }

  private static func sequenceLength(lead: UInt8) -> Int {
    switch lead {
    case 0xF0...: 4
    case 0xE0...: 3
    case 0xC0...: 2
    default: 1
    }
  }

  private static func escape(_ byte: UInt8) -> String {
    switch byte {
    case 0x0A: return "\\n"
    case 0x09: return "\\t"
    case 0x0D: return "\\r"
    case 0x5C: return "\\\\"
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
  }
}

extension String {
  /// A name from a file as it is shown to people: one line of at most 120 characters, in which
  /// control characters are escaped.
  package var printable: String {
    let limit = 120
    let text = unicodeScalars.prefix(limit + 1).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        "\\u{\(Swift.String(scalar.value, radix: 16))}"
      default: Swift.String(scalar)
      }
    }
    return text.count > limit ? text.dropLast().joined() + "..." : text.joined()
  }
}

extension String {
  /// Whether it holds no control characters but tabs; a terminal would obey others.
  package var isPlainText: Bool {
    unicodeScalars.allSatisfy { $0.properties.generalCategory != .control || $0 == "\t" }
  }
}
