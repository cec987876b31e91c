internal import CNNSystem

/// Parses the dict literal of a `.npy` header, and nothing else of Python: nothing is evaluated.
struct NPYHeaderParser {
  private var reader: ByteReader

  /// A parser of the literal that `reader` holds.
  init(_ reader: ByteReader) { self.reader = reader }

  /// The three values of `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
  ///
  /// - Throws: `corrupt` where the literal is anything else, `tooLarge` for too many dimensions.
  mutating func parse() throws(CNNError) -> (NumPyDataType, fortran: Bool, shape: [Int]) {
    var dataType: NumPyDataType?
    var fortran: Bool?
    var shape: [Int]?
    try expect("{")
    while try !consume("}") {
      let key = try parseString()
      try expect(":")
      switch key {
      case "descr" where dataType == nil: dataType = try parseDataType()
      case "fortran_order" where fortran == nil: fortran = try parseBoolean()
      case "shape" where shape == nil: shape = try parseShape()
      default: throw failure("an unknown or repeated key, '\(key.printable)'")
      }
      if try !consume(",") {
        try expect("}")
        break
      }
    }
    try skipSpaces()
    guard reader.isAtEnd else { throw failure("more than the dict") }
    guard let dataType, let fortran, let shape else { throw failure("not all three keys") }
    return (dataType, fortran, shape)
  }

  private mutating func parseDataType() throws(CNNError) -> NumPyDataType {
    // A list describes the fields of a record.
    if try peek() == UInt8(ascii: "[") {
      try skipBrackets()
      return .other("a record")
    }
    return NumPyDataType(try parseString())
  }

  /// Passes over a list with all that is in it. The parser does not call itself for a list in a
  /// list, so nesting costs nothing.
  private mutating func skipBrackets() throws(CNNError) {
    var depth = 0
    repeat {
      let next = try peek()
      if next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") {
        _ = try parseString()
        continue
      }
      if next == UInt8(ascii: "[") || next == UInt8(ascii: "(") { depth += 1 }
      if next == UInt8(ascii: "]") || next == UInt8(ascii: ")") { depth -= 1 }
      try reader.skip(1)
    } while depth > 0
  }

  private mutating func parseBoolean() throws(CNNError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where try consume(word) { return value }
    throw failure("neither True nor False")
  }

  private mutating func parseShape() throws(CNNError) -> [Int] {
    var shape: [Int] = []
    try expect("(")
    while try !consume(")") {
      guard shape.count < ArrayShape.maximumRank else {
        throw CNNError(
          .weights, .tooLarge, "an array has too many dimensions", at: .byte(reader.offset),
          expected: "at most \(ArrayShape.maximumRank)")
      }
      shape.append(try parseInteger())
      if try !consume(",") {
        // Python reads `(3)` as a number; only a comma makes a tuple of one.
        guard shape.count > 1 else { throw failure("a shape that is no tuple") }
        try expect(")")
        break
      }
    }
    return shape
  }

  private mutating func parseInteger() throws(CNNError) -> Int {
    try skipSpaces()
    var value = 0
    var digits = 0
    while let digit = try peekDigit() {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, carry) = tens.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw failure("a dimension beyond 64 bits") }
      value = next
      digits += 1
      try reader.skip(1)
    }
    guard digits > 0 else { throw failure("no number where a dimension should be") }
    // Python 2 marked long integers.
    _ = try consume("L")
    return value
  }

  private mutating func parseString() throws(CNNError) -> String {
    try skipSpaces()
    let quote = try peek()
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("no quoted word")
    }
    try reader.skip(1)
    let word = try reader.readBytes(until: quote).array
    guard word.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw failure("a word with special characters")
    }
    return String(decoding: word, as: UTF8.self)
  }

  private mutating func expect(_ word: String) throws(CNNError) {
    guard try consume(word) else { throw failure("no '\(word)'") }
  }

  /// Passes over spaces and then `word`, if that is what follows.
  private mutating func consume(_ word: String) throws(CNNError) -> Bool {
    try skipSpaces()
    guard reader.remaining >= word.utf8.count else { return false }
    var ahead = reader
    guard try ahead.read(count: word.utf8.count).array.elementsEqual(word.utf8) else {
      return false
    }
    reader = ahead
    return true
  }

  private mutating func skipSpaces() throws(CNNError) {
    while !reader.isAtEnd, [0x20, 0x0A, 0x09, 0x0D].contains(try reader.peek()) {
      try reader.skip(1)
    }
  }

  private mutating func peek() throws(CNNError) -> UInt8 {
    try skipSpaces()
    return try reader.peek()
  }

  private func peekDigit() throws(CNNError) -> Int? {
    guard !reader.isAtEnd else { return nil }
    let byte = try reader.peek()
    return (0x30...0x39).contains(byte) ? Int(byte - 0x30) : nil
  }

  private func failure(_ found: String) -> CNNError {
    CNNError(
      .weights, .corrupt, "the header of a .npy array is damaged", at: .byte(reader.offset),
      found: found, expected: "{'descr': ..., 'fortran_order': ..., 'shape': (...)}")
  }
}
