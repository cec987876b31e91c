internal import CNNSystem

/// The named tensors in what a PyTorch file unpickles to: a state dict, or a checkpoint that holds
/// one beside the epoch, the optimiser and so on.
struct TorchStateDict {
  /// The tensors in the order of the dict.
  private(set) var tensors: [(name: String, tensor: TorchTensor)] = []
  /// The other entries.
  private(set) var ignored: [NamedArrays.IgnoredEntry] = []
  /// Which dict was read, where there are several.
  private(set) var notes: [String] = []
  /// Whether the dict is the one that the caller has named.
  private(set) var isNamedEntry = false

  private typealias Heap = PickleHeap<TorchPickle.Object>

  /// Reads the tensors of the one dict under `root` that is a state dict, or of the dict that the
  /// caller names.
  ///
  /// - Parameter entry: the keys that lead to the dict, joined by full stops; nil to search it.
  /// - Throws: `unsupported` where there is no dict of tensors or it is quantised; `ambiguous` where
  ///   there are several and none is plainly the model's.
  init(
    _ root: PickleReference, _ heap: PickleHeap<TorchPickle.Object>, entry: String?
  ) throws(CNNError) {
    var search = TorchDictSearch(heap)
    try search.visit(root)
    let chosen: TorchDictSearch.Candidate
    if let entry, let named = search.candidates.first(where: { $0.path == entry }) {
      (chosen, isNamedEntry) = (named, true)
    } else {
      (chosen, notes) = try search.choose()
    }
    if !chosen.path.isEmpty { ignore(search.rootEntries.filter { !chosen.isBelow($0.key) }, heap) }
    try collect(chosen.entries, heap)
  }

  private mutating func collect(
    _ entries: [(key: String, value: PickleReference)], _ heap: PickleHeap<TorchPickle.Object>
  ) throws(CNNError) {
    for entry in entries {
      switch heap.object(entry.value) {
      case .tensor(let tensor)?: tensors.append((entry.key, tensor))
      case .otherTensor(.quantised)?:
        throw CNNError(
          .weights, .unsupported, "this is a quantised model", at: .tensor(entry.key.printable),
          found: TorchPickle.OtherTensor.quantised.rawValue,
          expected: "floating-point numbers",
          remedy: "Use the weights from before they were quantised")
      default: ignore([entry], heap)
      }
    }
  }

  private mutating func ignore(
    _ entries: [(key: String, value: PickleReference)], _ heap: PickleHeap<TorchPickle.Object>
  ) {
    ignored += entries.map { entry in
      let reason =
        switch heap.object(entry.value) {
        case .tensor?: "a tensor beside the state dict"
        case .otherTensor(let kind)?: kind.rawValue
        default: heap[entry.value].kind
        }
      return NamedArrays.IgnoredEntry(name: entry.key, reason: reason)
    }
  }
}

extension FileContents {
  /// The arrays of a state dict, and what the file holds beside it.
  init(_ state: TorchStateDict, _ arrays: [NamedArray]) {
    self.init(
      arrays: arrays, ignored: state.ignored, notes: state.notes,
      hasNamedEntry: state.isNamedEntry)
  }
}
