internal import CNNSystem

/// Parses the dict literal of a `.npy` header, and nothing else of Python: nothing is evaluated.
struct NPYHeaderParser {
  private var scanner: TextScanner

  /// A parser of the literal that `reader` holds.
  init(_ reader: ByteReader) {
    scanner = TextScanner(
      reader, problem: "the header of a .npy array is damaged",
      expected: "{'descr': ..., 'fortran_order': ..., 'shape': (...)}")
  }

  /// The three values of `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
  ///
  /// - Throws: `corrupt` where the literal is anything else, `tooLarge` for too many dimensions.
  mutating func parse() throws(CNNError) -> (NumPyDataType, fortran: Bool, shape: [Int]) {
    var dataType: NumPyDataType?
    var fortran: Bool?
    var shape: [Int]?
    try scanner.expect("{")
    while try !scanner.consume("}") {
      let key = try parseString()
      try scanner.expect(":")
      switch key {
      case "descr" where dataType == nil: dataType = try parseDataType()
      case "fortran_order" where fortran == nil: fortran = try parseBoolean()
      case "shape" where shape == nil: shape = try parseShape()
      default: throw scanner.failure("an unknown or repeated key, '\(key.printable)'")
      }
      if try !scanner.consume(",") {
        try scanner.expect("}")
        break
      }
    }
    try scanner.expectEnd("more than the dict")
    guard let dataType, let fortran, let shape else { throw scanner.failure("not all three keys") }
    return (dataType, fortran, shape)
  }

  private mutating func parseDataType() throws(CNNError) -> NumPyDataType {
    // A list describes the fields of a record.
    if try scanner.peek() == UInt8(ascii: "[") {
      try skipBrackets()
      return .other("a record")
    }
    return NumPyDataType(try parseString())
  }

  /// Skips a list with all that is in it. The parser does not call itself for a list in a list, so
  /// that no nesting can overflow the stack.
  private mutating func skipBrackets() throws(CNNError) {
    var depth = 0
    repeat {
      let next = try scanner.peek()
      if next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") {
        _ = try parseString()
        continue
      }
      if next == UInt8(ascii: "[") || next == UInt8(ascii: "(") { depth += 1 }
      if next == UInt8(ascii: "]") || next == UInt8(ascii: ")") { depth -= 1 }
      _ = try scanner.readByte()
    } while depth > 0
  }

  private mutating func parseBoolean() throws(CNNError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where try scanner.consume(word) {
      return value
    }
    throw scanner.failure("neither True nor False")
  }

  private mutating func parseShape() throws(CNNError) -> [Int] {
    var shape: [Int] = []
    try scanner.expect("(")
    while try !scanner.consume(")") {
      guard shape.count < ArrayShape.maximumRank else {
        throw CNNError(
          .weights, .tooLarge, "an array has too many dimensions",
          at: .byte(scanner.reader.offset), expected: "at most \(ArrayShape.maximumRank)")
      }
      shape.append(try scanner.integer())
      // Python 2 marked long integers with an L.
      _ = try scanner.consume("L")
      if try !scanner.consume(",") {
        // Python reads `(3)` as a number; only a comma makes a tuple of one element.
        guard shape.count > 1 else { throw scanner.failure("a shape that is no tuple") }
        try scanner.expect(")")
        break
      }
    }
    return shape
  }

  private mutating func parseString() throws(CNNError) -> String {
    let quote = try scanner.peek()
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw scanner.failure("no quoted word")
    }
    _ = try scanner.readByte()
    let word = try scanner.readBytes(until: quote)
    guard word.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw scanner.failure("a word with special characters")
    }
    return String(decoding: word, as: UTF8.self)
  }
}
