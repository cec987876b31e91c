internal import CNNSystem

/// Reads the short texts in which file formats describe their arrays: the dict of a `.npy` header
/// and the JSON of safetensors. Spaces before a token are skipped.
struct TextScanner {
  /// The text that has not been read yet.
  private(set) var reader: ByteReader
  private let problem: String
  private let expected: String?

  /// A scanner of the text that `reader` holds.
  ///
  /// - Parameters:
  ///   - problem: what an error calls the whole text when a token is wrong.
  ///   - expected: what an error says should have stood there.
  init(_ reader: ByteReader, problem: String, expected: String? = nil) {
    self.reader = reader
    self.problem = problem
    self.expected = expected
  }

  /// Reads `word` if it comes next, and says whether it did.
  mutating func consume(_ word: String) throws(CNNError) -> Bool {
    try skipSpaces()
    guard reader.remaining >= word.utf8.count else { return false }
    var ahead = reader
    guard try ahead.read(count: word.utf8.count).array.elementsEqual(word.utf8) else {
      return false
    }
    reader = ahead
    return true
  }

  /// Reads `word`. Throws `corrupt` where something else comes next.
  mutating func expect(_ word: String) throws(CNNError) {
    guard try consume(word) else { throw failure("no \(word)") }
  }

  /// Throws `corrupt` where anything but spaces is left.
  ///
  /// - Parameter rest: what an error says was found.
  mutating func expectEnd(_ rest: String) throws(CNNError) {
    try skipSpaces()
    guard reader.isAtEnd else { throw failure(rest) }
  }

  /// The next character that is no space, without reading it. Throws `truncated` at the end.
  mutating func peek() throws(CNNError) -> UInt8 {
    try skipSpaces()
    var ahead = reader
    return try ahead.readByte()
  }

  /// The next byte, spaces included. Throws `truncated` at the end.
  mutating func readByte() throws(CNNError) -> UInt8 { try reader.readByte() }

  /// The next `count` bytes. Throws `truncated` where there are fewer.
  mutating func read(count: Int) throws(CNNError) -> [UInt8] { try reader.read(count: count).array }

  /// The bytes up to `terminator`, which is read too. Throws `truncated` where it never comes.
  mutating func readBytes(until terminator: UInt8) throws(CNNError) -> [UInt8] {
    try reader.readBytes(until: terminator).array
  }

  /// A whole number from zero to `Int.max`, without a sign. Throws `corrupt` for anything else.
  mutating func integer() throws(CNNError) -> Int {
    try skipSpaces()
    var value = 0
    var digitCount = 0
    while let digit = nextDigit() {
      guard digitCount == 0 || value > 0 else { throw failure("a number that begins with zero") }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw failure("a number beyond 64 bits") }
      value = next
      digitCount += 1
      try reader.skip(1)
    }
    guard digitCount > 0 else { throw failure("no whole number where one should be") }
    return value
  }

  /// An error at the current position.
  func failure(_ found: String) -> CNNError {
    CNNError(
      .weights, .corrupt, problem, at: .byte(reader.offset), found: found, expected: expected)
  }

  private func nextDigit() -> Int? {
    var ahead = reader
    guard let byte = try? ahead.readByte(), (0x30...0x39).contains(byte) else { return nil }
    return Int(byte - 0x30)
  }

  private mutating func skipSpaces() throws(CNNError) {
    var ahead = reader
    while !ahead.isAtEnd, [0x20, 0x0A, 0x0D, 0x09].contains(try ahead.readByte()) { reader = ahead }
  }
}
