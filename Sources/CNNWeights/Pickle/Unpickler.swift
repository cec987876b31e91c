internal import CNNSystem

/// An interpreter of pickles that builds values and runs nothing.
///
/// It knows protocols 0 to 5. The vocabulary says what a global means; the machine itself
/// cannot import or call anything. The limits: marks 64 deep, a memo whose
/// indices stay below the number of bytes (CVE-2018-20406), a million values.
struct Unpickler<Vocabulary: PickleVocabulary> {
  typealias Value = PickleValue<Vocabulary.Object>

  /// The values built so far.
  var heap: PickleHeap<Vocabulary.Object>
  var reader: ByteReader
  let vocabulary: Vocabulary
  private var stack: [PickleReference] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleReference] = [:]

  /// How deep marks may be nested, and values in values.
  static var maximumDepth: Int { 64 }

  /// An interpreter of the pickle at the position of `reader`.
  init(_ reader: ByteReader, _ vocabulary: Vocabulary) {
    self.reader = reader
    self.vocabulary = vocabulary
    heap = PickleHeap(byteCount: reader.bytes.count)
  }

  /// Reads up to the end of the pickle, behind which `reader` then is.
  ///
  /// - Returns: the value that the pickle leaves.
  /// - Throws: `unsafe` for anything outside of the vocabulary, `corrupt` or `truncated`, `tooLarge`
  ///   beyond the limits; with the offset of the instruction.
  mutating func run() throws(CNNError) -> PickleReference {
    while true {
      let offset = reader.offset
      do throws(CNNError) {
        if try step() { return try pop() }
      } catch {
        var located = error
        located.location = error.location ?? .byte(offset)
        throw located
      }
    }
  }

  /// Executes one instruction; true where it was the last.
  private mutating func step() throws(CNNError) -> Bool {
    let byte = try reader.readByte()
    guard let opcode = PickleOpcode(rawValue: byte) else {
      throw CNNError(
        .weights, .corrupt, "the pickle has an unknown instruction", found: "byte \(byte)")
    }
    if opcode == .stop { return true }
    try executeMachine(opcode)
    return false
  }

  private mutating func executeMachine(_ opcode: PickleOpcode) throws(CNNError) {
    switch opcode {
    case .proto: try requireProtocol(try reader.readByte())
    case .frame:
      let size = try reader.read(UInt64.self, .little)
      guard size <= UInt64(reader.remaining) else {
        throw reader.failure(.truncated, "a frame of the pickle reaches past the end of the file")
      }
    case .mark: try pushMark()
    case .pop: if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: try push(top())
    case .put: try memoize(at: try readDecimal())
    case .binPut: try memoize(at: Int(try reader.readByte()))
    case .longBinPut: try memoize(at: Int(try reader.read(UInt32.self, .little)))
    case .memoize: try memoize(at: memo.count)
    case .get: try recall(try readDecimal())
    case .binGet: try recall(Int(try reader.readByte()))
    case .longBinGet: try recall(Int(try reader.read(UInt32.self, .little)))
    default: try executeLiteral(opcode)
    }
  }

  private func requireProtocol(_ version: UInt8) throws(CNNError) {
    guard version <= 5 else {
      throw CNNError(
        .weights, .unsupported, "the pickle has a protocol that is not known",
        found: "\(version)", expected: "at most 5")
    }
  }

  // MARK: Stack

  /// Puts a new value on the stack.
  mutating func push(_ value: Value) throws(CNNError) {
    try push(try heap.add(value))
  }

  /// Puts a value on the stack once more.
  mutating func push(_ reference: PickleReference) throws(CNNError) {
    guard stack.count < PickleHeap<Vocabulary.Object>.maximumCount else {
      throw PickleHeap<Vocabulary.Object>.tooManyValues
    }
    stack.append(reference)
  }

  /// Takes the value on top of the stack.
  mutating func pop() throws(CNNError) -> PickleReference {
    let reference = try top()
    stack.removeLast()
    return reference
  }

  /// Takes the topmost `count` values, in the order in which they were put there.
  mutating func pop(_ count: Int) throws(CNNError) -> [PickleReference] {
    var values: [PickleReference] = []
    for _ in 0..<count { values.append(try pop()) }
    return values.reversed()
  }

  /// The value on top of the stack, above the last mark.
  func top() throws(CNNError) -> PickleReference {
    guard let last = stack.last, stack.count > marks.last ?? 0 else {
      throw CNNError(.weights, .corrupt, "the pickle takes a value that is not there")
    }
    return last
  }

  /// Takes the last mark and all values above it.
  mutating func popToMark() throws(CNNError) -> [PickleReference] {
    guard let mark = marks.popLast() else {
      throw CNNError(.weights, .corrupt, "the pickle refers to a mark that is not there")
    }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func pushMark() throws(CNNError) {
    guard marks.count < Self.maximumDepth else {
      throw CNNError(
        .weights, .tooLarge, "the pickle is nested too deeply",
        expected: "at most \(Self.maximumDepth) levels")
    }
    marks.append(stack.count)
  }

  // MARK: Memo

  private mutating func memoize(at index: Int) throws(CNNError) {
    guard index >= 0, index <= reader.bytes.count else {
      throw CNNError(
        .weights, .unsafe, "the pickle keeps a value under an absurd number", found: "\(index)",
        expected: "at most its \(reader.bytes.count) bytes")
    }
    memo[index] = try top()
  }

  private mutating func recall(_ index: Int) throws(CNNError) {
    guard let reference = memo[index] else {
      throw CNNError(
        .weights, .corrupt, "the pickle asks for a value that it has not kept", found: "\(index)")
    }
    try push(reference)
  }
}
