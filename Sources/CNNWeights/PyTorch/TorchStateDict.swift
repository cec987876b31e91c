internal import CNNSystem

/// The named tensors in what a PyTorch file unpickles to: a state dict, or a checkpoint that holds
/// one beside the epoch, the optimizer and so on.
struct TorchStateDict {
  /// Keys under which checkpoints keep the state dict, the most usual first.
  private static let checkpointKeys = ["state_dict", "model_state_dict", "model"]
  /// Entries that one state dict may have.
  private static let maximumEntries = 100_000

  /// The tensors in the order of the dict.
  private(set) var tensors: [(name: String, tensor: PickledTensor)] = []
  /// What else is there.
  private(set) var ignored: [NamedArrays.IgnoredEntry] = []

  /// Finds the tensors under `root`: those of a dict under one of the checkpoint keys, and only
  /// where there is none those of the root itself, which may hold a tensor beside the state dict.
  ///
  /// - Throws: `unsupported` where there is no dict of tensors.
  init(_ root: PickleReference, _ heap: PickleHeap<TorchPickle.Object>) throws(CNNError) {
    let entries = try Self.entries(of: root, heap)
    for key in Self.checkpointKeys {
      guard let state = entries.first(where: { $0.key == key }) else { continue }
      let inner = try Self.entries(of: state.value, heap)
      guard Self.holdsTensors(inner, heap) else { continue }
      ignore(entries.filter { $0.key != key }, heap)
      collect(inner, heap)
      return
    }
    guard Self.holdsTensors(entries, heap) else {
      throw Self.noStateDict(
        entries.isEmpty
          ? heap[root].kind
          : "a dict with the keys "
            + entries.prefix(10).map(\.key.printable).joined(separator: ", "))
    }
    collect(entries, heap)
  }

  private mutating func collect(
    _ entries: [(key: String, value: PickleReference)], _ heap: PickleHeap<TorchPickle.Object>
  ) {
    for entry in entries {
      if let tensor = Self.tensor(entry.value, heap) {
        tensors.append((entry.key, tensor))
      } else {
        ignore([entry], heap)
      }
    }
  }

  private mutating func ignore(
    _ entries: [(key: String, value: PickleReference)], _ heap: PickleHeap<TorchPickle.Object>
  ) {
    ignored += entries.map { entry in
      let isTensor = Self.tensor(entry.value, heap) != nil
      return NamedArrays.IgnoredEntry(
        name: entry.key,
        reason: isTensor ? "a tensor beside the state dict" : heap[entry.value].kind)
    }
  }

  /// The entries of a dict with text keys; others cannot name parameters and are left out.
  private static func entries(
    of reference: PickleReference, _ heap: PickleHeap<TorchPickle.Object>
  ) throws(CNNError) -> [(key: String, value: PickleReference)] {
    guard case .dictionary(let entries) = heap[reference] else { return [] }
    guard entries.count <= maximumEntries else {
      throw CNNError(
        .weights, .tooLarge, "the file has too many entries", found: "\(entries.count)",
        expected: "at most \(maximumEntries)")
    }
    return entries.compactMap { entry in
      heap.text(entry.key).map { ($0, entry.value) }
    }
  }

  private static func tensor(
    _ reference: PickleReference, _ heap: PickleHeap<TorchPickle.Object>
  ) -> PickledTensor? {
    guard case .tensor(let tensor)? = heap.object(reference) else { return nil }
    return tensor
  }

  private static func holdsTensors(
    _ entries: [(key: String, value: PickleReference)], _ heap: PickleHeap<TorchPickle.Object>
  ) -> Bool {
    entries.contains { tensor($0.value, heap) != nil }
  }

  private static func noStateDict(_ found: String) -> CNNError {
    CNNError(
      .weights, .unsupported, "there is no state dict in this PyTorch file", found: found,
      expected: "a dict of tensors, or one under \(checkpointKeys.joined(separator: ", "))",
      remedy: CNNError.Remedy(TorchPickle.saveStateDict))
  }
}
