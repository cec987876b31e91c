internal import CNNSystem

/// An array that NumPy pickled.
struct PickledArray: Sendable {
  /// What it holds: elements, or other values of the pickle.
  enum Contents: Sendable {
    case elements(Bytes)
    case objects([PickleReference])
  }

  var dataType: NumPyDataType
  var shape: [Int]
  var isFortranOrder: Bool
  var contents: Contents
}

/// What NumPy writes in a pickle: arrays, scalars and their types. Nothing else is on the list.
///
/// The names of the modules changed with NumPy 2 (`numpy.core` to `numpy._core`), and the way in
/// which bytes are written with each protocol.
struct NumPyPickle: PickleVocabulary {
  /// The globals, and what they make.
  enum Object: Sendable {
    /// `numpy.core.multiarray._reconstruct(ndarray, (0,), b'b')`: an array without its state.
    case reconstruct
    /// `numpy.core.multiarray.scalar(dtype, bytes)`.
    case scalar
    /// `numpy.core.numeric._frombuffer(bytes, dtype, shape, order)` of protocol 5.
    case fromBuffer
    /// `numpy.dtype('f4', False, True)`.
    case makeDataType
    /// `numpy.ndarray`, only an argument.
    case arrayClass
    /// `_codecs.encode(text, 'latin1')`: bytes of Python 3 in protocol 2.
    case encode
    /// `bytes()`: no bytes at all, in protocol 2.
    case makeBytes
    /// `collections.OrderedDict()`.
    case makeOrderedDictionary
    case dataType(NumPyDataType)
    case arrayWithoutState
    case array(PickledArray)
  }

  let remedy = CNNError.Remedy(
    "Nothing of it was run. If you trust the file, let NumPy save its arrays plainly, where the "
      + "Python code that it names is installed: "
      + Self.extraction(
        "numpy.load(\"old.npy\", allow_pickle=True, encoding=\"latin1\"); "
          + "d = d.tolist() if isinstance(d, numpy.ndarray) else "
          + "{k: d[k].tolist() if d[k].dtype == object else d[k] for k in d}"))

  /// A line for the shell that saves all arrays in nested dicts and lists as a plain `.npz`, under
  /// the names that `PickledArrayNames` gives them; it needs nothing but the file.
  ///
  /// - Parameter loading: the Python expression that loads the file; statements may follow it that
  ///   change its value, `d`.
  static func extraction(_ loading: String) -> String {
    "python3 -c 'import numpy, pickle; d = \(loading); "
      + "f = lambda n, v: {n: v} if isinstance(v, numpy.ndarray) else "
      + "{k: a for i, x in (v.items() if isinstance(v, dict) else enumerate(v) "
      + "if isinstance(v, (list, tuple)) else ()) "
      + "for k, a in f(f\"{n}/{i}\" if n else str(i), x).items()}; "
      + "numpy.savez(\"new.npz\", **f(\"\", d))'"
  }

  func global(_ module: String, _ name: String) -> Object? {
    switch (module, name) {
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
      .reconstruct
    case ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"): .scalar
    case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"): .fromBuffer
    case ("numpy", "dtype"): .makeDataType
    case ("numpy", "ndarray"): .arrayClass
    case ("_codecs", "encode"): .encode
    case ("__builtin__", "bytes"), ("builtins", "bytes"): .makeBytes
    case ("collections", "OrderedDict"): .makeOrderedDictionary
    default: nil
    }
  }

  func call(
    _ callable: Object, _ arguments: [PickleReference], _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> PickleValue<Object> {
    switch (callable, arguments.count) {
    case (.reconstruct, 3):
      if case .arrayClass? = heap.object(arguments[0]) { return .object(.arrayWithoutState) }
    case (.makeDataType, 1...3):
      if let text = heap.text(arguments[0]) { return .object(.dataType(NumPyDataType(text))) }
    case (.scalar, 2):
      if case .dataType(let type)? = heap.object(arguments[0]), let bytes = heap.bytes(arguments[1])
      {
        return .object(.array(try array(type, [], false, bytes)))
      }
    case (.fromBuffer, 4):
      if let bytes = heap.bytes(arguments[0]), let shape = heap.integers(arguments[2]),
        case .dataType(let type)? = heap.object(arguments[1]), let order = heap.text(arguments[3])
      {
        return .object(.array(try array(type, shape, order == "F", bytes)))
      }
    case (.encode, 2):
      if case .text(let text) = heap[arguments[0]], heap.text(arguments[1]) == "latin1" {
        return .bytes(try PickleText.latin1(text, &heap))
      }
    case (.makeBytes, 0): return .bytes(Bytes(copying: []))
    case (.makeOrderedDictionary, 0...1):
      if let entries = heap.pairs(arguments.first) { return .dictionary(entries) }
    default: break
    }
    throw PickleHeap<Object>.misuse(
      "NumPy does not call \(name(of: callable)) with these arguments")
  }

  func build(
    _ object: Object, _ state: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object {
    let items = heap.items(state) ?? []
    switch object {
    case .dataType(let type): return .dataType(try withState(type, items, heap))
    case .arrayWithoutState: return .array(try arrayWithState(items, heap))
    default: throw PickleHeap<Object>.misuse("it gives a state to \(name(of: object))")
    }
  }

  func load(
    _ identifier: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object {
    throw PickleHeap<Object>.misuse("it refers to an object outside of it")
  }

  /// `(3, '<', None, None, None, -1, -1, 0)`: version, byte order, and what only records have.
  private func withState(
    _ type: NumPyDataType, _ state: [PickleReference], _ heap: PickleHeap<Object>
  ) throws(CNNError) -> NumPyDataType {
    guard state.count >= 5, let order = heap.text(state[1]) else {
      throw PickleHeap<Object>.misuse("a NumPy type has an unknown state")
    }
    guard case .number(let number, _) = type else { return type }
    let hasParts = state[2...4].contains { reference in
      if case .none = heap[reference] { false } else { true }
    }
    guard !hasParts, ["<", ">", "|", "="].contains(order) else {
      throw PickleHeap<Object>.misuse("a NumPy type has an unknown state")
    }
    return .number(number, order == ">" ? .big : .little)
  }

  /// `(1, shape, dtype, is_fortran, bytes)`; arrays of objects have a list instead of bytes.
  private func arrayWithState(
    _ state: [PickleReference], _ heap: PickleHeap<Object>
  ) throws(CNNError) -> PickledArray {
    guard
      state.count == 5, let shape = heap.integers(state[1]),
      case .dataType(let type)? = heap.object(state[2]), let fortran = heap.integer(state[3])
    else { throw PickleHeap<Object>.misuse("a NumPy array has an unknown state") }
    if let bytes = heap.bytes(state[4]) { return try array(type, shape, fortran != 0, bytes) }
    guard case .list(let objects) = heap[state[4]], type == .object,
      objects.count == (try ArrayShape.elementCount(of: shape))
    else { throw PickleHeap<Object>.misuse("a NumPy array has neither bytes nor objects") }
    return PickledArray(
      dataType: type, shape: shape, isFortranOrder: fortran != 0, contents: .objects(objects))
  }

  private func array(
    _ type: NumPyDataType, _ shape: [Int], _ isFortranOrder: Bool, _ bytes: Bytes
  ) throws(CNNError) -> PickledArray {
    if case .number(let element, _) = type {
      let expected = try ArrayShape.byteCount(of: shape, elementSize: element.byteSize)
      guard bytes.count == expected else {
        throw CNNError(
          .weights, .corrupt, "a pickled array of shape \(shape) has the wrong size",
          found: "\(bytes.count) bytes", expected: "\(expected)")
      }
    }
    return PickledArray(
      dataType: type, shape: shape, isFortranOrder: isFortranOrder, contents: .elements(bytes))
  }

  private func name(of object: Object) -> String {
    switch object {
    case .reconstruct: "_reconstruct"
    case .scalar: "scalar"
    case .fromBuffer: "_frombuffer"
    case .makeDataType, .dataType: "dtype"
    case .arrayClass, .arrayWithoutState, .array: "ndarray"
    case .encode: "_codecs.encode"
    case .makeBytes: "bytes"
    case .makeOrderedDictionary: "OrderedDict"
    }
  }
}
