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

  /// Finds the tensors under `root`.
  ///
  /// - Throws: `unsupported` where there is no dict of tensors.
  init(_ root: PickleReference, _ heap: PickleHeap<TorchPickle.Object>) throws(CNNError) {
    let entries = try Self.entries(of: root, heap)
    if !entries.contains(where: { Self.tensor($0.value, heap) != nil }) {
      for key in Self.checkpointKeys {
        guard let state = entries.first(where: { $0.key == key }) else { continue }
        let inner = try Self.entries(of: state.value, heap)
        guard inner.contains(where: { Self.tensor($0.value, heap) != nil }) else { continue }
        ignore(entries.filter { $0.key != key }, heap)
        collect(inner, heap)
        return
      }
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
      NamedArrays.IgnoredEntry(name: entry.key, reason: heap[entry.value].kind)
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

  private static func noStateDict(_ found: String) -> CNNError {
    CNNError(
      .weights, .unsupported, "there is no state dict in this PyTorch file", found: found,
      expected: "a dict of tensors, or one under \(checkpointKeys.joined(separator: ", "))",
      remedy: TorchPickle.saveStateDict)
  }
}
