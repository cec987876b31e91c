internal import CNNSystem

/// The numbers behind one or more tensors, as a pickle refers to them.
struct PickledStorage: Sendable, Hashable {
  /// The name under which the file keeps the numbers.
  var key: String
  var elementType: ElementType
  /// Elements in the file.
  var count: Int
  /// The part that the tensors see; all of it, but for views in files of PyTorch before 0.4.
  var view: Range<Int>
}

/// A tensor, as a pickle describes it.
struct PickledTensor: Sendable {
  var storage: PickledStorage
  /// Offset of the first element, counted in elements from the start of the storage's view.
  var offset: Int
  var shape: [Int]
  /// Elements between neighbours along each dimension.
  var strides: [Int]
}

/// What PyTorch writes in the pickle of a state dict; nothing else is on the list.
///
/// It is the list of `torch/_weights_only_unpickler.py`, without what state dicts do not need.
struct TorchPickle: PickleVocabulary {
  /// The globals, and what they make.
  enum Object: Sendable {
    /// `torch._utils._rebuild_tensor(storage, offset, size, stride)`.
    case rebuildTensor
    /// `_rebuild_tensor_v2`: the same, then `requires_grad` and hooks.
    case rebuildTensorV2
    /// `_rebuild_parameter(tensor, requires_grad, hooks)`.
    case rebuildParameter
    case makeSize
    case makeOrderedDictionary
    case storageClass(ElementType)
    case storage(PickledStorage)
    case tensor(PickledTensor)
  }

  static let saveStateDict =
    "Save only the numbers: torch.save(model.state_dict(), \"weights.pth\")"

  var remedy: CNNError.Remedy { CNNError.Remedy(Self.saveStateDict) }

  func global(_ module: String, _ name: String) -> Object? {
    switch (module, name) {
    case ("torch._utils", "_rebuild_tensor"): .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): .rebuildTensorV2
    case ("torch._utils", "_rebuild_parameter"): .rebuildParameter
    case ("torch", "Size"): .makeSize
    case ("collections", "OrderedDict"): .makeOrderedDictionary
    case ("torch", _): Self.storages[name].map { .storageClass($0) }
    default: nil
    }
  }

  private static let storages = [String: ElementType](
    uniqueKeysWithValues: ElementType.allCases.compactMap { type in
      type.torchStorageName.map { ($0, type) }
    })

  func call(
    _ callable: Object, _ arguments: [PickleReference], _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> PickleValue<Object> {
    switch (callable, arguments.count) {
    case (.rebuildTensor, 4), (.rebuildTensorV2, 6...7):
      if let tensor = tensor(arguments, heap) { return .object(.tensor(tensor)) }
    case (.rebuildParameter, 3):
      if case .tensor(let tensor)? = heap.object(arguments[0]) { return .object(.tensor(tensor)) }
    case (.makeSize, 1):
      if let items = heap.items(arguments[0]) { return .tuple(items) }
    case (.makeOrderedDictionary, 0): return .dictionary([])
    default: break
    }
    throw PickleHeap<Object>.misuse("PyTorch does not call \(name(of: callable)) so")
  }

  private func tensor(
    _ arguments: [PickleReference], _ heap: PickleHeap<Object>
  ) -> PickledTensor? {
    guard
      case .storage(let storage)? = heap.object(arguments[0]),
      let offset = heap.integer(arguments[1]), let shape = heap.integers(arguments[2]),
      let strides = heap.integers(arguments[3])
    else { return nil }
    return PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides)
  }

  func build(
    _ object: Object, _ state: PickleReference, _ heap: inout PickleHeap<Object>
  ) throws(CNNError) -> Object {
    throw PickleHeap<Object>.misuse("it gives a state to \(name(of: object))")
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
      case .storageClass(let type)? = heap.object(items[1]), let key = heap.text(items[2]),
      let count = heap.integer(items[4]), count >= 0
    else { throw PickleHeap<Object>.misuse("it refers to numbers in an unknown way") }
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
    return .storage(PickledStorage(key: key, elementType: type, count: count, view: view))
  }

  private func name(of object: Object) -> String {
    switch object {
    case .rebuildTensor: "_rebuild_tensor"
    case .rebuildTensorV2: "_rebuild_tensor_v2"
    case .rebuildParameter: "_rebuild_parameter"
    case .makeSize: "torch.Size"
    case .makeOrderedDictionary: "OrderedDict"
    case .storageClass, .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}
