internal import CNNSystem

extension Unpickler {
  /// Numbers, bytes and text; other instructions are passed on.
  mutating func executeLiteral(_ opcode: PickleOpcode) throws(CNNError) {
    switch opcode {
    case .none: try push(.none)
    case .newTrue: try push(.boolean(true))
    case .newFalse: try push(.boolean(false))
    case .int: try push(try readIntegerLine())
    case .long: try push(.integer(try readDecimal(suffix: "L")))
    case .binInt: try push(.integer(Int(try reader.read(Int32.self, .little))))
    case .binInt1: try push(.integer(Int(try reader.readByte())))
    case .binInt2: try push(.integer(Int(try reader.read(UInt16.self, .little))))
    case .long1: try push(try readLong(count: Int(try reader.readByte())))
    case .long4: try push(try readLong(count: Int(try reader.read(Int32.self, .little))))
    case .float: try push(.float(try readFloatLine()))
    case .binFloat:
      try push(.float(Double(bitPattern: try reader.read(UInt64.self, .big))))
    default: try executeText(opcode)
    }
  }

  private mutating func executeText(_ opcode: PickleOpcode) throws(CNNError) {
    switch opcode {
    case .shortBinString, .shortBinBytes:
      try push(.bytes(try read(count: try reader.readByte())))
    case .binString: try push(.bytes(try read(count: try reader.read(Int32.self, .little))))
    case .binBytes: try push(.bytes(try read(count: try reader.read(UInt32.self, .little))))
    case .binBytes8, .byteArray8:
      try push(.bytes(try read(count: try reader.read(UInt64.self, .little))))
    case .shortBinUnicode: try push(.text(try read(count: try reader.readByte())))
    case .binUnicode: try push(.text(try read(count: try reader.read(UInt32.self, .little))))
    case .binUnicode8: try push(.text(try read(count: try reader.read(UInt64.self, .little))))
    case .string: try push(.bytes(try PickleText.unquoted(try readLine(), &heap)))
    case .unicode: try push(.text(try PickleText.rawUnicode(try readLine(), &heap)))
    default: try executeContainer(opcode)
    }
  }

  /// Bytes of the file, shared with it.
  private mutating func read(count: some BinaryInteger) throws(CNNError) -> Bytes {
    guard let count = Int(exactly: count) else {
      throw reader.failure(.truncated, "a text of the pickle reaches past the end of the file")
    }
    return try reader.read(count: count)
  }

  // MARK: Protocol 0, which is text

  private mutating func readLine() throws(CNNError) -> Bytes {
    try reader.readBytes(until: UInt8(ascii: "\n"))
  }

  /// A line with a decimal number, which Python 2 may end with `suffix`.
  mutating func readDecimal(suffix: String = "") throws(CNNError) -> Int {
    var line = String(decoding: try readLine().array, as: UTF8.self)
    if !suffix.isEmpty, line.hasSuffix(suffix) { line.removeLast(suffix.count) }
    guard let value = Int(line) else {
      throw CNNError(
        .weights, .corrupt, "the pickle has a number that is none", found: line.printable)
    }
    return value
  }

  /// A decimal number; `00` and `01` are booleans.
  private mutating func readIntegerLine() throws(CNNError) -> Value {
    var ahead = reader
    let line = try ahead.readBytes(until: UInt8(ascii: "\n")).array
    let value = try readDecimal(suffix: "L")
    return line.count == 2 && line[0] == UInt8(ascii: "0") ? .boolean(value != 0) : .integer(value)
  }

  private mutating func readFloatLine() throws(CNNError) -> Double {
    let line = String(decoding: try readLine().array, as: UTF8.self)
    guard let value = Double(line) else {
      throw CNNError(
        .weights, .corrupt, "the pickle has a number that is none", found: line.printable)
    }
    return value
  }

  /// A two's complement integer of `count` bytes.
  private mutating func readLong(count: Int) throws(CNNError) -> Value {
    let bytes = try reader.read(count: count)
    guard count <= MemoryLayout<Int>.size else { return .largeInteger }
    let digits = bytes.array
    // The last byte holds the sign.
    let start = (digits.last ?? 0) & 0x80 == 0 ? 0 : -1
    return .integer(digits.reversed().reduce(start) { $0 << 8 | Int($1) })
  }
}
