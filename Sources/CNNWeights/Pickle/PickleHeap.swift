internal import CNNSystem

/// All values of one pickle in one list, and the limits on how many there may be.
struct PickleHeap<Object: Sendable>: Sendable {
  /// Values, and references in containers, that one pickle may have.
  static var maximumCount: Int { 1_000_000 }

  /// The longest name of an array, a key or a module, in bytes.
  static var maximumNameLength: Int { 1024 }

  private var values: [PickleValue<Object>] = []
  private var referenceCount = 0
  private var copyableBytes: Int

  /// An empty heap of a pickle of `byteCount` bytes.
  init(byteCount: Int) { copyableBytes = byteCount.multipliedReportingOverflow(by: 3).partialValue }

  /// All objects, in the order in which the pickle made them.
  var objects: [Object] {
    values.compactMap { if case .object(let object) = $0 { object } else { nil } }
  }

  /// The value at `reference`.
  subscript(reference: PickleReference) -> PickleValue<Object> { values[reference.index] }

  /// Adds `value`. Throws `tooLarge` beyond the limit.
  mutating func add(_ value: PickleValue<Object>) throws(CNNError) -> PickleReference {
    switch value {
    case .tuple(let items), .list(let items): try count(items.count)
    case .dictionary(let entries): try count(2 * entries.count)
    default: break
    }
    guard values.count < Self.maximumCount else { throw Self.tooManyValues }
    values.append(value)
    return PickleReference(index: values.count - 1)
  }

  /// Replaces an object by another, which is what `BUILD` does.
  mutating func replace(_ reference: PickleReference, with object: Object) {
    values[reference.index] = .object(object)
  }

  /// Appends to the list at `reference`. Throws `unsafe` where it is none.
  mutating func append(
    _ items: some Collection<PickleReference>, to reference: PickleReference
  ) throws(CNNError) {
    guard case .list(var list) = values[reference.index] else {
      throw Self.misuse("something is appended to \(values[reference.index].kind)")
    }
    try count(items.count)
    // Without its reference in the heap, the list is not shared and grows without a copy.
    values[reference.index] = .none
    list.append(contentsOf: items)
    values[reference.index] = .list(list)
  }

  /// Adds entries to the dict at `reference`. Throws `unsafe` where it is none (CVE-2026-24747).
  mutating func insert(
    _ items: some Collection<PickleReference>, into reference: PickleReference
  ) throws(CNNError) {
    // A counter is an opaque value that Python can set entries in.
    if case .opaque = values[reference.index] { return }
    guard case .dictionary(var entries) = values[reference.index] else {
      throw Self.misuse("an entry is set in \(values[reference.index].kind)")
    }
    try count(items.count)
    values[reference.index] = .none
    entries.append(contentsOf: try Self.entries(items))
    values[reference.index] = .dictionary(entries)
  }

  /// Keys and values that alternate in `items`, as pairs. Throws `corrupt` for an odd count.
  static func entries(
    _ items: some Collection<PickleReference>
  ) throws(CNNError) -> [PickleEntry] {
    let items = Array(items)
    guard items.count.isMultiple(of: 2) else {
      throw CNNError(.weights, .corrupt, "a pickled dict has a key without a value")
    }
    return stride(from: 0, to: items.count, by: 2).map { position in
      PickleEntry(key: items[position], value: items[position + 1])
    }
  }

  /// Must be called before `byteCount` bytes are copied. Throws `tooLarge` where all copies together
  /// would be larger than three times the pickle: otherwise a few bytes that refer to one long text
  /// many times would fill the memory. Three times is the most that NumPy's arrays need, in protocol
  /// 0: a text of Latin-1 characters, which takes twice as many bytes in UTF-8 and is then decoded.
  mutating func willCopy(byteCount: Int) throws(CNNError) {
    guard byteCount <= copyableBytes else {
      throw CNNError(.weights, .tooLarge, "the pickle unpacks to more bytes than it has")
    }
    copyableBytes -= byteCount
  }

  private mutating func count(_ references: Int) throws(CNNError) {
    referenceCount += references
    guard referenceCount <= Self.maximumCount else { throw Self.tooManyValues }
  }

  /// The error for a pickle that does what Python never writes.
  static func misuse(_ problem: String) -> CNNError {
    CNNError(.weights, .unsafe, "the pickle is malformed: \(problem)")
  }

  static var tooManyValues: CNNError {
    CNNError(
      .weights, .tooLarge, "the pickle has too many values", expected: "at most \(maximumCount)")
  }
}

extension PickleHeap {
  /// The integer at `reference`, or nil where there is something else. Booleans are integers.
  func integer(_ reference: PickleReference) -> Int? {
    switch self[reference] {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The elements of the tuple or list at `reference`.
  func items(_ reference: PickleReference) -> [PickleReference]? {
    switch self[reference] {
    case .tuple(let items), .list(let items): items
    default: nil
    }
  }

  /// The entries of a dict that is made from an optional list of pairs, as Python's `OrderedDict` is;
  /// nil where `reference` is anything else.
  func pairs(_ reference: PickleReference?) -> [PickleEntry]? {
    guard let reference else { return [] }
    if case .dictionary(let entries) = self[reference] { return entries }
    guard let items = items(reference) else { return nil }
    let entries = items.compactMap { item -> PickleEntry? in
      guard let pair = self.items(item), pair.count == 2 else { return nil }
      return PickleEntry(key: pair[0], value: pair[1])
    }
    return entries.count == items.count ? entries : nil
  }

  /// The integers of the tuple or list at `reference`.
  func integers(_ reference: PickleReference) -> [Int]? {
    guard let items = items(reference) else { return nil }
    let integers = items.compactMap { integer($0) }
    return integers.count == items.count ? integers : nil
  }

  /// The bytes at `reference`.
  func bytes(_ reference: PickleReference) -> Bytes? {
    guard case .bytes(let bytes) = self[reference] else { return nil }
    return bytes
  }

  /// The text at `reference`, or nil where there is something else or more than a name; the `str`
  /// of Python 2 counts as Latin-1.
  func text(_ reference: PickleReference) -> String? {
    switch self[reference] {
    case .text(let bytes) where bytes.count <= Self.maximumNameLength:
      String(validating: bytes.array, as: UTF8.self)
    case .bytes(let bytes) where bytes.count <= Self.maximumNameLength:
      String(String.UnicodeScalarView(bytes.array.map { Unicode.Scalar($0) }))
    default: nil
    }
  }

  /// The object at `reference`.
  func object(_ reference: PickleReference) -> Object? {
    guard case .object(let object) = self[reference] else { return nil }
    return object
  }
}
