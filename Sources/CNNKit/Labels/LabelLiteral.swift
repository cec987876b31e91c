/// A value as it is written in JSON or as a Python literal, as far as files of labels need it:
/// texts, numbers, lists and tables of them.
///
///     {"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}
///     {0: 'tench, Tinca tinca',
///      1: 'goldfish, Carassius auratus'}
indirect enum LabelLiteral {
  case text(String)
  case integer(Int)
  case list([LabelLiteral])
  /// Keys and values in the order of the file.
  case table([(key: LabelLiteral, value: LabelLiteral)])
  /// `null`, `true`, a fraction: something that no label is made of.
  case other

  /// Reads the whole of `text`.
  ///
  /// - Throws: `Failure`, with the line.
  init(_ text: String) throws(Failure) {
    var parser = Parser(rest: text.unicodeScalars[...])
    self = try parser.value(depth: 0)
    parser.skipSpaces()
    guard parser.rest.isEmpty else { throw parser.failure("something follows the end of the list") }
  }

  /// What is wrong, and in which line, counted from 1.
  struct Failure: Error {
    let problem: String
    let line: Int
  }

  /// The text of a value that names something.
  var asText: String? {
    switch self {
    case .text(let text): text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  /// The number of a value that counts something: `7`, or `"7"` as JSON's keys have to be written.
  var asIndex: Int? {
    switch self {
    case .text(let text): Int(text)
    case .integer(let number): number
    default: nil
    }
  }
}

/// Reads one value after the other and never goes back.
private struct Parser {
  /// What is not read yet.
  var rest: Substring.UnicodeScalarView
  private var line = 1

  /// Deeper lists than any file of labels has; the limit bounds the recursion.
  private static let deepest = 8

  init(rest: Substring.UnicodeScalarView) { self.rest = rest }

  func failure(_ problem: String) -> LabelLiteral.Failure {
    LabelLiteral.Failure(problem: problem, line: line)
  }

  mutating func value(depth: Int) throws(LabelLiteral.Failure) -> LabelLiteral {
    guard depth < Self.deepest else { throw failure("the lists are nested too deeply") }
    skipSpaces()
    switch rest.first {
    case "{": return try table(depth: depth)
    case "[": return .list(try list(to: "]", depth: depth))
    case "(": return .list(try list(to: ")", depth: depth))
    case "\"", "'": return .text(try text())
    case nil: throw failure("the text ends too early")
    default: return try word()
    }
  }

  mutating func skipSpaces() {
    while let first = rest.first, first.properties.isWhitespace { advance() }
  }

  private mutating func advance() {
    if rest.removeFirst() == "\n" { line += 1 }
  }

  /// Whether the next sign is `scalar`, which is then read.
  private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard rest.first == scalar else { return false }
    advance()
    return true
  }

  private mutating func list(
    to end: Unicode.Scalar, depth: Int
  ) throws(LabelLiteral.Failure) -> [LabelLiteral] {
    advance()
    var values: [LabelLiteral] = []
    while !takes(end) {
      values.append(try value(depth: depth + 1))
      // Python allows a comma behind the last value.
      if takes(",") { continue }
      guard takes(end) else { throw failure("a comma is missing") }
      break
    }
    return values
  }

  private mutating func table(depth: Int) throws(LabelLiteral.Failure) -> LabelLiteral {
    advance()
    var pairs: [(key: LabelLiteral, value: LabelLiteral)] = []
    while !takes("}") {
      let key = try value(depth: depth + 1)
      guard takes(":") else { throw failure("a colon is missing") }
      pairs.append((key, try value(depth: depth + 1)))
      if takes(",") { continue }
      guard takes("}") else { throw failure("a comma is missing") }
      break
    }
    return .table(pairs)
  }

  private mutating func word() throws(LabelLiteral.Failure) -> LabelLiteral {
    var word = ""
    while let first = rest.first,
      first.properties.isAlphabetic || "0123456789+-._".unicodeScalars.contains(first)
    {
      word.unicodeScalars.append(first)
      advance()
    }
    // Python 2 writes u'tench'.
    if word == "u" || word == "b", rest.first == "'" || rest.first == "\"" {
      return .text(try text())
    }
    guard !word.isEmpty else { throw failure("a quotation mark is missing") }
    return Int(word).map { .integer($0) } ?? .other
  }

  private mutating func text() throws(LabelLiteral.Failure) -> String {
    let quote = rest.removeFirst()
    var text = String.UnicodeScalarView()
    while let first = rest.first {
      advance()
      if first == quote { return String(text) }
      if first == "\n" { break }
      text.append(first == "\\" ? try escaped() : first)
    }
    throw failure("a text is not closed")
  }

  /// What stands for the letters behind a backslash.
  private mutating func escaped() throws(LabelLiteral.Failure) -> Unicode.Scalar {
    guard let letter = rest.first else { throw failure("a text is not closed") }
    advance()
    switch letter {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "x": return try scalar(digits: 2)
    case "U": return try scalar(digits: 8)
    case "u":
      let first = try code(digits: 4)
      // JSON writes what lies beyond the first plane as a pair of surrogates.
      guard (0xD800..<0xDC00).contains(first) else { return try scalar(first) }
      guard takes("\\"), takes("u") else { throw failure("half of a surrogate pair is missing") }
      let second = try code(digits: 4)
      guard (0xDC00..<0xE000).contains(second) else {
        throw failure("half of a surrogate pair is missing")
      }
      return try scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    default: return letter
    }
  }

  private mutating func code(digits: Int) throws(LabelLiteral.Failure) -> UInt32 {
    let text = String(String.UnicodeScalarView(rest.prefix(digits)))
    guard text.utf8.count == digits, let code = UInt32(text, radix: 16) else {
      throw failure("an escape needs \(digits) hexadecimal digits")
    }
    rest.removeFirst(digits)
    return code
  }

  private mutating func scalar(digits: Int) throws(LabelLiteral.Failure) -> Unicode.Scalar {
    try scalar(try code(digits: digits))
  }

  private func scalar(_ code: UInt32) throws(LabelLiteral.Failure) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(code) else { throw failure("an escape is no character") }
    return scalar
  }
}
