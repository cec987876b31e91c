internal import CNNSystem

/// PyTorch's format before 1.6, in which the published AlexNet and VGG weights are: five pickles
/// (magic number, protocol, system, what was saved, keys of the storages), then each storage as an
/// element count of 64 bits and the elements, little-endian.
enum TorchLegacyFile {
  /// The instruction `LONG1` with the magic number 0x1950A86A20F9469CFC6C, and `STOP`.
  private static let magic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  private static let protocolVersion = 1001
  /// Enough bytes of a file to recognise it.
  static let prefixCount = 24

  /// Whether a file begins with `start`'s first pickle, written in any protocol from 2 to 5.
  static func isRecognized(_ start: [UInt8]) -> Bool {
    guard start.count > 2, start[0] == 0x80, (2...5).contains(start[1]) else { return false }
    // Protocols 4 and 5 put the instruction `FRAME` and a length of 8 bytes before a pickle.
    let frameCount = start[1] >= 4 && start[2] == 0x95 ? 9 : 0
    return start.dropFirst(2 + frameCount).starts(with: magic)
  }

  /// Reads the pickles and none of the elements.
  ///
  /// - Parameter entry: the state dict to read; see `TorchStateDict`.
  /// - Throws: `unsafe`, `corrupt`, `truncated`, `unsupported`, `ambiguous`, `tooLarge`.
  static func read(_ bytes: Bytes, entry: String?) throws(CNNError) -> FileContents {
    var reader = ByteReader(bytes, domain: .weights)
    _ = try readPlain(&reader) { _, _ in true }
    let version = try readPlain(&reader) { root, heap in heap.integer(root) }
    guard version == protocolVersion else {
      throw reader.failure(.unsupported, "this version of PyTorch's legacy format is not known")
    }
    _ = try readPlain(&reader) { _, _ in true }
    var unpickler = Unpickler(reader, TorchPickle())
    let state = try TorchStateDict(try unpickler.run(), unpickler.heap, entry: entry)
    reader = unpickler.reader
    let keys = try readPlain(&reader) { root, heap in
      heap.items(root)?.compactMap { heap.text($0) }
    }
    let storages = try readStorages(&reader, keys ?? [], try declared(unpickler.heap))
    var arrays: [NamedArray] = []
    for (name, tensor) in state.tensors {
      guard let storage = storages[tensor.storage.key] else {
        throw CNNError(
          .weights, .truncated, "the elements of a tensor are missing", at: .tensor(name.printable))
      }
      arrays.append(try tensor.array(name: name, in: storage, byteOrder: .little))
    }
    return FileContents(state, arrays)
  }

  /// Reads a pickle of plain values at the position of `reader`, which then is behind it.
  private static func readPlain<Value>(
    _ reader: inout ByteReader,
    _ value: (PickleReference, PickleHeap<PlainPickle.Object>) -> Value?
  ) throws(CNNError) -> Value? {
    var unpickler = Unpickler(reader, PlainPickle())
    let root = try unpickler.run()
    reader = unpickler.reader
    return value(root, unpickler.heap)
  }

  /// What the pickle says about each storage.
  ///
  /// - Throws: `corrupt` where it says two things about one.
  private static func declared(
    _ heap: PickleHeap<TorchPickle.Object>
  ) throws(CNNError) -> [String: TorchStorage] {
    var storages: [String: TorchStorage] = [:]
    for case .storage(let storage) in heap.objects {
      if let other = storages[storage.key],
        other.count != storage.count || other.kind != storage.kind
      {
        throw CNNError(
          .weights, .corrupt,
          "the pickle contradicts itself about the storage "
            + storage.key.printable)
      }
      storages[storage.key] = storage
    }
    return storages
  }

  /// Where the elements of each storage are; the last ends with the file.
  private static func readStorages(
    _ reader: inout ByteReader, _ keys: [String], _ declared: [String: TorchStorage]
  ) throws(CNNError) -> [String: ArrayStorage] {
    var storages: [String: ArrayStorage] = [:]
    for key in keys {
      guard let storage = declared[key] else {
        throw reader.failure(.corrupt, "no tensor refers to the storage \(key.printable)")
      }
      let start = reader.offset
      let count = try reader.read(Int64.self, .little)
      guard count == Int64(storage.count) else {
        throw CNNError(
          .weights, .corrupt, "the storage \(key.printable) has the wrong size", at: .byte(start),
          found: "\(count) elements", expected: "\(storage.count)")
      }
      let size = try ArrayShape.byteCount(
        of: [storage.count], elementSize: storage.kind.byteSize)
      let elements = ArrayStorage(try reader.read(count: size))
      guard storages.updateValue(elements, forKey: key) == nil else {
        throw reader.failure(.corrupt, "the storage \(key.printable) is there twice")
      }
    }
    guard reader.isAtEnd else {
      throw reader.failure(.corrupt, "there are bytes behind the last storage")
    }
    return storages
  }
}
