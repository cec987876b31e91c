/// One line of a list file: a picture's path and its label, both as bytes.
struct ListEntry: Equatable {
  /// Counted from 1.
  let line: Int
  var path: [UInt8]
  var label: [UInt8]
}

/// Reads and writes the lines of list files.
///
/// A line of text is `path label`: the label is the last word, so the path may hold spaces. A path
/// or a label in double quotes holds anything, with `\"`, `\\`, `\n`, `\r`, `\t` and `\xff` for
/// what a line cannot hold. A line of CSV is `path,label` with the quotes of RFC 4180.
enum ListSyntax {
  /// `path label` or `path,label`.
  enum Form {
    case text, csv
  }

  /// Why a line cannot be read, in words.
  struct Problem: Error {
    let text: String
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let escapes: [UInt8: UInt8] = [
    quote: quote, backslash: backslash, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D,
    UInt8(ascii: "t"): 0x09,
  ]

  /// The lines of a file, without their ends; `\n`, `\r\n` and `\r` end one.
  static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
      .flatMap { line -> [ArraySlice<UInt8>] in
        let content = line.last == 0x0D ? line.dropLast() : line
        return content.split(separator: 0x0D, omittingEmptySubsequences: false)
      }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// The fields of one line of CSV.
  static func csvFields(_ line: ArraySlice<UInt8>) throws(Problem) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    var rest = trimmed(line)
    while true {
      var field: [UInt8] = []
      if rest.first == quote {
        rest = rest.dropFirst()
        while true {
          guard let end = rest.firstIndex(of: quote) else {
            throw Problem(text: "a quotation mark is not closed")
          }
          field += rest[..<end]
          rest = rest[(end + 1)...]
          guard rest.first == quote else { break }
          field.append(quote)
          rest = rest.dropFirst()
        }
        rest = trimmed(rest)
        guard rest.isEmpty || rest.first == UInt8(ascii: ",") else {
          throw Problem(text: "there is text behind a closing quotation mark")
        }
      } else {
        let content = rest.prefix { $0 != UInt8(ascii: ",") }
        field = Array(trimmed(content))
        rest = rest.dropFirst(content.count)
      }
      fields.append(field)
      guard !rest.isEmpty else { return fields }
      rest = trimmed(rest.dropFirst())
    }
  }

  /// The path and the label of one line of text.
  static func textFields(
    _ line: ArraySlice<UInt8>
  ) throws(Problem) -> (path: [UInt8], label: [UInt8]) {
    let content = trimmed(line)
    if content.first == quote {
      let (path, rest) = try unquoted(content)
      return (path, try label(trimmed(rest)))
    }
    // A label in quotes begins at the first one; before it stands the path.
    let labelStart =
      content.last == quote
      ? content.firstIndex(of: quote) : content.lastIndex(where: isBlank).map { $0 + 1 }
    guard let labelStart else { throw Problem(text: "the label is missing") }
    let path = trimmed(content[..<labelStart])
    guard !path.isEmpty else { throw Problem(text: "the path is missing") }
    return (Array(path), try label(content[labelStart...]))
  }

  /// `bytes` as a path in a line of text: in quotes where it could be misread.
  static func textField(_ bytes: [UInt8]) -> [UInt8] {
    let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != quote && $0 != backslash }
    if isPlain, String(validating: bytes, as: UTF8.self) != nil { return bytes }
    let isText = String(validating: bytes, as: UTF8.self) != nil
    let content = bytes.flatMap { byte -> [UInt8] in
      if let name = escapes.first(where: { $0.value == byte })?.key { return [backslash, name] }
      if byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !isText) {
        let digits = String(byte, radix: 16)
        return Array("\\x\(digits.count == 1 ? "0" : "")\(digits)".utf8)
      }
      return [byte]
    }
    return [quote] + content + [quote]
  }

  /// What a line that holds nothing but a name says.
  static func nameField(_ line: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
    let content = trimmed(line)
    guard content.first == quote else { return Array(content) }
    let (name, rest) = try unquoted(content)
    guard rest.isEmpty else { throw Problem(text: "there is text behind a closing quotation mark") }
    return name
  }

  /// `name` as a line of its own: in quotes where it would be read as another.
  static func nameField(_ name: String) -> [UInt8] {
    let bytes = Array(name.utf8)
    let isPlain =
      bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } && bytes.first != quote
      && trimmed(bytes[...]).count == bytes.count
    return isPlain ? bytes : textField(bytes)
  }

  private static func label(_ bytes: ArraySlice<UInt8>) throws(Problem) -> [UInt8] {
    guard !bytes.isEmpty else { throw Problem(text: "the label is missing") }
    guard bytes.first == quote else {
      guard !bytes.contains(where: isBlank) else {
        throw Problem(text: "there is more than a label behind the path")
      }
      return Array(bytes)
    }
    let (label, rest) = try unquoted(bytes)
    guard trimmed(rest).isEmpty else { throw Problem(text: "there is text behind the label") }
    return label
  }

  /// The contents of the quotes at the beginning of `bytes`, and what follows them.
  private static func unquoted(
    _ bytes: ArraySlice<UInt8>
  ) throws(Problem) -> (content: [UInt8], rest: ArraySlice<UInt8>) {
    var content: [UInt8] = []
    var rest = bytes.dropFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case quote: return (content, rest)
      case backslash:
        let name = rest.popFirst()
        if name == UInt8(ascii: "x"),
          let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
          content.append(value)
          rest = rest.dropFirst(2)
        } else if let value = name.flatMap({ escapes[$0] }) {
          content.append(value)
        } else {
          throw Problem(text: "a backslash in quotes is not followed by one of \" \\ n r t x")
        }
      default: content.append(byte)
      }
    }
    throw Problem(text: "a quotation mark is not closed")
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// `bytes` without blanks at both ends.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let start = bytes.drop(while: isBlank)
    return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? start[..<start.startIndex]
  }
}
