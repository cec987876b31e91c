internal import CNNSystem

/// Gives a name to each array in nested dicts, lists and tuples: `conv1/0` for the first array of
/// the list under the key `conv1`, `conv1/weights` where a dict stands there.
struct PickledArrayNames {
  /// Values that may be visited; a value that many others share is visited as often.
  private static let maximumVisits = 100_000

  private let heap: PickleHeap<NumPyPickle.Object>
  private(set) var arrays: [NamedArray] = []
  private(set) var ignored: [NamedArrays.IgnoredEntry] = []
  private var visits = 0

  /// The arrays below `root`.
  ///
  /// - Parameter name: put before each name; the name of a root that is itself an array.
  /// - Throws: `tooLarge` where values are nested more than 64 deep, which a value that contains
  ///   itself is too; `unsupported` where a name has to be made from something else than text.
  init(
    _ root: PickleReference, _ heap: PickleHeap<NumPyPickle.Object>, prefix: String?,
    rootName: String
  ) throws(CNNError) {
    self.heap = heap
    try visit(root, prefix, depth: 0, rootName: rootName)
  }

  private mutating func visit(
    _ reference: PickleReference, _ path: String?, depth: Int, rootName: String
  ) throws(CNNError) {
    visits += 1
    let name = path ?? rootName
    guard
      depth <= Unpickler<NumPyPickle>.maximumDepth, visits <= Self.maximumVisits,
      name.utf8.count <= PickleHeap<NumPyPickle.Object>.maximumNameLength
    else {
      throw CNNError(.weights, .tooLarge, "the values in the file are nested too deeply")
    }
    switch heap[reference] {
    case .dictionary(let entries):
      for entry in entries {
        let child = joined(path, try key(entry.key))
        try visit(entry.value, child, depth: depth + 1, rootName: rootName)
      }
    case .list(let items), .tuple(let items):
      try visit(items, path, depth: depth, rootName: rootName)
    case .object(.array(let array)):
      switch array.contents {
      case .elements(let bytes): append(array, bytes, name)
      case .objects(let objects) where array.shape.isEmpty:
        for object in objects { try visit(object, path, depth: depth + 1, rootName: rootName) }
      case .objects(let objects): try visit(objects, path, depth: depth, rootName: rootName)
      }
    default:
      ignored.append(NamedArrays.IgnoredEntry(name: name, reason: heap[reference].kind))
    }
  }

  private mutating func visit(
    _ items: [PickleReference], _ path: String?, depth: Int, rootName: String
  ) throws(CNNError) {
    for (index, item) in items.enumerated() {
      try visit(item, joined(path, "\(index)"), depth: depth + 1, rootName: rootName)
    }
  }

  private func joined(_ path: String?, _ key: String) -> String {
    path.map { "\($0)/\(key)" } ?? key
  }

  private func key(_ reference: PickleReference) throws(CNNError) -> String {
    if let text = heap.text(reference) { return text }
    if let number = heap.integer(reference) { return "\(number)" }
    throw CNNError(
      .weights, .unsupported, "a dict in the file has a key that is no text",
      found: heap[reference].kind)
  }

  private mutating func append(_ array: PickledArray, _ bytes: Bytes, _ name: String) {
    guard case .number(let type, let byteOrder) = array.dataType else {
      ignored.append(
        NamedArrays.IgnoredEntry(name: name, reason: array.dataType.description))
      return
    }
    arrays.append(
      NamedArray(
        name: name, shape: array.shape, elementType: type, byteOrder: byteOrder,
        order: array.isFortranOrder ? .columnMajor : .rowMajor, storage: ArrayStorage(bytes),
        range: 0..<bytes.count))
  }
}
