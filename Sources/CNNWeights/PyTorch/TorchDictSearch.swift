internal import CNNSystem

/// Finds the dicts of tensors in a checkpoint, and the one among them that is the model's.
struct TorchDictSearch {
  /// A dict that holds tensors.
  struct Candidate {
    /// The keys that lead to it, joined by full stops; empty for the root.
    let path: String
    /// What it holds under text keys.
    let entries: [(key: String, value: PickleReference)]
    /// Tensors with two or more dimensions. Every network has such weights, metrics have none.
    let matrixCount: Int

    /// Whether the candidate is the value of the root's `key` or a part of it.
    func isBelow(_ key: String) -> Bool { path == key || path.hasPrefix(key + ".") }

    /// Whether its name says that it holds running averages of the weights.
    var isAveraged: Bool {
      let words = path.lowercased().split { !$0.isLetter }
      return words.contains { TorchDictSearch.averageWords.contains(String($0)) }
    }
  }

  /// The entries of one dict, and the values that are visited.
  private static let maximumEntries = 100_000
  /// Checkpoints keep a state dict two or three dicts deep.
  private static let maximumDepth = 6
  /// Lists that are longer hold a history and no models.
  private static let maximumListLength = 64
  /// The keys under which most training scripts store the model.
  private static let usualPaths = ["state_dict", "model_state_dict", "model"]
  private static let averageWords = ["ema", "swa", "avg", "average", "averaged", "shadow"]

  /// The dicts of tensors, outer before inner ones.
  private(set) var candidates: [Candidate] = []
  /// What the root holds, if it is a dict or a list.
  private(set) var rootEntries: [(key: String, value: PickleReference)] = []
  private let heap: PickleHeap<TorchPickle.Object>
  private var visited: Set<PickleReference> = []
  private var rootKind = ""

  init(_ heap: PickleHeap<TorchPickle.Object>) { self.heap = heap }

  /// Searches `root`.
  ///
  /// - Throws: `tooLarge` where there are too many values to search.
  mutating func visit(_ root: PickleReference) throws(CNNError) {
    rootKind = heap[root].kind
    rootEntries = try entries(of: root)
    try visit(root, "", depth: 0)
  }

  private mutating func visit(
    _ reference: PickleReference, _ path: String, depth: Int
  ) throws(CNNError) {
    guard depth <= Self.maximumDepth, visited.insert(reference).inserted else { return }
    guard visited.count <= Self.maximumEntries else { throw Self.tooMany("\(visited.count)") }
    let entries = try entries(of: reference)
    let ranks = entries.compactMap { entry -> Int? in
      switch heap.object(entry.value) {
      case .tensor(let tensor)?: tensor.shape.count
      // Quantised tensors are weights: the error for them comes when they are read.
      case .otherTensor(.quantised)?: 2
      default: nil
      }
    }
    if case .dictionary = heap[reference], !ranks.isEmpty {
      candidates.append(
        Candidate(path: path, entries: entries, matrixCount: ranks.count { $0 >= 2 }))
    }
    for (key, value) in entries where isContainer(value) && !Self.isOptimizer(key) {
      try visit(value, path.isEmpty ? key : "\(path).\(key)", depth: depth + 1)
    }
  }

  private func isContainer(_ reference: PickleReference) -> Bool {
    switch heap[reference] {
    case .dictionary, .list, .tuple: true
    default: false
    }
  }

  /// An optimiser's state has tensors of the same shapes as the weights.
  private static func isOptimizer(_ key: String) -> Bool { key.lowercased().contains("optim") }

  /// The entries of a dict with text keys, or the items of a short list under their indices. Other
  /// keys cannot name parameters.
  private func entries(
    of reference: PickleReference
  ) throws(CNNError) -> [(key: String, value: PickleReference)] {
    switch heap[reference] {
    case .dictionary(let entries):
      guard entries.count <= Self.maximumEntries else { throw Self.tooMany("\(entries.count)") }
      return entries.compactMap { entry in heap.text(entry.key).map { ($0, entry.value) } }
    case .list(let items) where items.count <= Self.maximumListLength,
      .tuple(let items) where items.count <= Self.maximumListLength:
      return items.enumerated().map { ("\($0.offset)", $0.element) }
    default: return []
    }
  }

  private static func tooMany(_ found: String) -> CNNError {
    CNNError(
      .weights, .tooLarge, "the file has too many entries", found: found,
      expected: "at most \(maximumEntries)")
  }
}

// MARK: Choice

extension TorchDictSearch {
  /// The candidate that is the model's, and notes about the others.
  ///
  /// - Throws: `unsupported` where there is none, `ambiguous` where several could be it.
  func choose() throws(CNNError) -> (Candidate, notes: [String]) {
    let nested = candidates.filter { !$0.path.isEmpty }
    let models = nested.filter { $0.matrixCount > 0 }
    if let root = candidates.first(where: { $0.path.isEmpty }) {
      // The root may hold a metric beside a state dict that has no matrix either.
      let isState = root.matrixCount > models.map(\.matrixCount).max() ?? 0
      let hasOther = !models.isEmpty || nested.contains { Self.usualPaths.contains($0.path) }
      if isState || !hasOther { return (root, []) }
    }
    let possible = models.isEmpty ? nested : models
    guard let first = possible.first else { throw noStateDict }
    guard possible.count > 1 else { return (first, []) }
    let plain = possible.filter { !$0.isAveraged }
    let usual = Self.usualPaths.lazy.compactMap { path in plain.first { $0.path == path } }.first
    guard let chosen = plain.count == 1 ? plain[0] : usual else { throw ambiguous(possible) }
    let others = possible.filter { $0.path != chosen.path }.map(\.path)
    return (chosen, [Self.note(chosen.path, others)])
  }

  private static func note(_ chosen: String, _ others: [String]) -> String {
    "the file holds several sets of weights: \(chosen.printable) is used, and not "
      + others.map(\.printable).joined(separator: ", ")
  }

  private func ambiguous(_ possible: [Candidate]) -> CNNError {
    CNNError(
      .weights, .ambiguous, "the file holds several sets of weights",
      found: possible.map(\.path.printable).joined(separator: ", "), expected: "one, or a choice",
      remedy: CNNError.Remedy("Name the entry to read", action: .chooseWeightsEntry))
  }

  private var noStateDict: CNNError {
    let keys = rootEntries.prefix(10).map(\.key.printable).joined(separator: ", ")
    return CNNError(
      .weights, .unsupported, "there is no state dict in this PyTorch file",
      found: rootEntries.isEmpty ? rootKind : "\(rootKind) with the keys \(keys)",
      expected: "a dict of tensors, alone or in a checkpoint",
      remedy: "Save the weights too: torch.save(model.state_dict(), \"weights.pth\")")
  }
}
