internal import CNNSystem

/// What PyTorch writes in the pickle of a checkpoint; nothing else is on the list.
///
/// It is the list of PyTorch's own safe loader (`torch/_weights_only_unpickler.py`), and NumPy's
/// scalars and arrays, which training scripts store beside the weights. Only what builds tensors and
/// dicts has a meaning here. Everything else becomes an opaque value: a name, made from nothing and
/// used for nothing.
struct TorchPickle: PickleVocabulary {
  /// The globals, and what they make.
  enum Object: Sendable {
    /// `torch._utils._rebuild_tensor(storage, offset, size, stride)`.
    case rebuildTensor
    /// `_rebuild_tensor_v2`: the same, then `requires_grad` and hooks.
    case rebuildTensorV2
    /// `_rebuild_parameter(tensor, requires_grad, hooks)`, `_rebuild_parameter_with_state` and
    /// `Parameter(tensor)`: the tensor itself.
    case rebuildParameter
    /// `torch._tensor._rebuild_from_type_v2(rebuild, type, arguments, state)`: a tensor with
    /// attributes of its own.
    case rebuildFromType
    /// A function that makes a tensor of a kind that is not read.
    case rebuildOtherTensor(OtherTensor)
    case makeSize
    case makeOrderedDictionary
    /// A class or function whose results are opaque, by what they are.
    case makeOpaque(String)
    case storageClass(TorchStorage.Kind)
    case storage(TorchStorage)
    case tensor(TorchTensor)
    case otherTensor(OtherTensor)
  }

  /// A tensor whose elements are not read.
  enum OtherTensor: String, Sendable {
    case quantised = "a quantised tensor"
    case sparse = "a sparse tensor"
    case nested = "a nested tensor"
    case empty = "a tensor without elements"
    case unusual = "a tensor of an unusual type"
  }

  let remedy = CNNError.Remedy(
    "Nothing of it was run. If you trust the file, let PyTorch take the weights out of it, "
      + "where the Python code that it names is installed: " + Self.extraction)

  /// A line for the shell that turns any checkpoint that PyTorch can load into one that holds
  /// nothing but tensors and dicts of them; it needs nothing but the file.
  static let extraction =
    "python3 -c 'import torch; T = torch.Tensor; "
    + "f = lambda v: f(v.state_dict()) if hasattr(v, \"state_dict\") else "
    + "{k: f(x) for k, x in v.items() if isinstance(x, (T, dict)) or hasattr(x, \"state_dict\")} "
    + "if isinstance(v, dict) else v; "
    + "torch.save(f(torch.load(\"old.pth\", \"cpu\", weights_only=False)), \"new.pth\")'"

  func global(_ module: String, _ name: String) -> Object? {
    switch (module, name) {
    case ("torch._utils", "_rebuild_tensor"): .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): .rebuildTensorV2
    case ("torch._utils", "_rebuild_parameter"), ("torch.nn.parameter", "Parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      .rebuildParameter
    case ("torch._tensor", "_rebuild_from_type_v2"): .rebuildFromType
    case ("torch._utils", _): Self.otherTensors[name].map { .rebuildOtherTensor($0) }
    case ("torch", "Size"): .makeSize
    case ("collections", "OrderedDict"): .makeOrderedDictionary
    default: storageClass(module, name) ?? Self.opaqueNames[module]?[name].map { .makeOpaque($0) }
    }
  }

  private func storageClass(_ module: String, _ name: String) -> Object? {
    guard ["torch", "torch.cuda", "torch.storage"].contains(module) else { return nil }
    return Self.storages[name].map { .storageClass($0) }
  }

  func call(
    _ callable: Object, _ arguments: [PickleReference], _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> PickleValue<Object> {
    switch (callable, arguments.count) {
    case (.rebuildTensor, 4), (.rebuildTensorV2, 6...7):
      if let tensor = tensor(arguments, heap) { return .object(tensor) }
    case (.rebuildParameter, 1...4):
      switch heap.object(arguments[0]) {
      case .tensor(let tensor)?: return .object(.tensor(tensor))
      case .otherTensor(let kind)?: return .object(.otherTensor(kind))
      default: break
      }
    case (.rebuildFromType, 4):
      // The first argument is one of the functions above, never this one: nothing is nested.
      if let rebuild = heap.object(arguments[0]), case .tuple(let inner) = heap[arguments[2]] {
        if case .rebuildFromType = rebuild { break }
        return try call(rebuild, inner, &heap)
      }
    case (.rebuildOtherTensor(let kind), _): return .object(.otherTensor(kind))
    case (.makeSize, 1):
      if let items = heap.items(arguments[0]) { return .tuple(items) }
    case (.makeOrderedDictionary, 0...1):
      if let entries = heap.pairs(arguments.first) { return .dictionary(entries) }
    case (.makeOpaque(let what), _): return .opaque(what)
    default: break
    }
    throw PickleHeap<Object>.misuse(
      "PyTorch does not call \(name(of: callable)) with these arguments")
  }

  private func tensor(_ arguments: [PickleReference], _ heap: PickleHeap<Object>) -> Object? {
    guard
      case .storage(let storage)? = heap.object(arguments[0]),
      let offset = heap.integer(arguments[1]), let shape = heap.integers(arguments[2]),
      let strides = heap.integers(arguments[3])
    else { return nil }
    guard let type = storage.kind.elementType else {
      return .otherTensor(storage.kind.isQuantised ? .quantised : .unusual)
    }
    return .tensor(
      TorchTensor(
        storage: storage, elementType: type, offset: offset, shape: shape, strides: strides))
  }

  func build(
    _ object: Object, _ state: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object {
    switch object {
    // Attributes that somebody gave a tensor change none of its elements.
    case .tensor, .otherTensor: object
    default: throw PickleHeap<Object>.misuse("it gives a state to \(name(of: object))")
    }
  }

  /// `("storage", torch.FloatStorage, key, device, count)`, in the legacy format followed by None or
  /// a view `(key, offset, count)`.
  func load(
    _ identifier: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object {
    let items = heap.items(identifier) ?? []
    if items.first.flatMap({ heap.text($0) }) == "module" {
      throw CNNError(
        .weights, .unsafe, "this is a whole pickled model, which only Python can run",
        remedy: remedy)
    }
    guard
      (5...6).contains(items.count), heap.text(items[0]) == "storage",
      case .storageClass(let kind)? = heap.object(items[1]), let key = heap.text(items[2]),
      let count = heap.integer(items[4]), count >= 0
    else { throw PickleHeap<Object>.misuse("it refers to elements in an unknown way") }
    var view = 0..<count
    if items.count == 6, let part = heap.items(items[5]) {
      guard
        part.count == 3, let start = heap.integer(part[1]), let length = heap.integer(part[2]),
        start >= 0, length >= 0, length <= count, start <= count - length
      else {
        throw CNNError(.weights, .corrupt, "a view of the storage \(key.printable) leaves it")
      }
      view = start..<start + length
    }
    return .storage(TorchStorage(key: key, kind: kind, count: count, view: view))
  }

  private func name(of object: Object) -> String {
    switch object {
    case .rebuildTensor: "_rebuild_tensor"
    case .rebuildTensorV2: "_rebuild_tensor_v2"
    case .rebuildParameter: "_rebuild_parameter"
    case .rebuildFromType: "_rebuild_from_type_v2"
    case .rebuildOtherTensor(let kind), .otherTensor(let kind): kind.rawValue
    case .makeSize: "torch.Size"
    case .makeOrderedDictionary: "OrderedDict"
    case .makeOpaque(let what): what
    case .storageClass, .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}
