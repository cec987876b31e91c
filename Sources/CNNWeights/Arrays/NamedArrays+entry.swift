public import CNNSystem

extension NamedArrays {
  /// What PyTorch's wrappers put before the names of the model that they wrap: `DataParallel` and
  /// `DistributedDataParallel`, `torch.compile`, and the two of them together.
  private static let wrapperPrefixes = ["module.", "_orig_mod."]

  /// The same arrays without the names of PyTorch's wrappers before all of theirs, and a note about
  /// it.
  func strippingWrappers() throws(CNNError) -> NamedArrays {
    var arrays = self
    var removed = ""
    while let prefix = Self.wrapperPrefixes.first(where: { arrays.haveCommonPrefix($0) }) {
      arrays = try arrays.strippingCommonPrefix(prefix)
      removed += prefix
    }
    guard !removed.isEmpty else { return self }
    return try arrays.replacing(
      arrays.arrays, adding: ["\(removed) is left out of the names of all arrays"])
  }

  /// The same arrays without `prefix` before their names, such as the `module.` of PyTorch's
  /// `DataParallel`; unchanged unless all names begin with it and have something behind it.
  package func strippingCommonPrefix(_ prefix: String) throws(CNNError) -> NamedArrays {
    haveCommonPrefix(prefix) ? try renamed { String($0.dropFirst(prefix.count)) } : self
  }

  private func haveCommonPrefix(_ prefix: String) -> Bool {
    !isEmpty && allSatisfy { $0.name.hasPrefix(prefix) && $0.name.count > prefix.count }
  }

  /// The arrays whose names begin with `entry` and a separator, without them; all arrays where
  /// `entry` is nil.
  ///
  /// - Throws: `unknown` where there are none.
  func choosing(entry: String?) throws(CNNError) -> NamedArrays {
    guard let entry else { return self }
    for separator in [".", "/"] {
      let prefix = entry + separator
      let chosen = filter { $0.name.hasPrefix(prefix) && $0.name.count > prefix.count }
      if !chosen.isEmpty {
        return try replacing(chosen.map { $0.renamed(String($0.name.dropFirst(prefix.count))) })
      }
    }
    var entries: [String] = []
    for name in names {
      let first = String(name.prefix { $0 != "." && $0 != "/" }).printable
      if !entries.contains(first), entries.count < 8 { entries.append(first) }
    }
    throw CNNError(
      .weights, .unknown, "the file has no entry \(entry.printable)",
      found: entries.joined(separator: ", "),
      remedy: CNNError.Remedy("Name another entry, or none", action: .chooseWeightsEntry))
  }
}

extension CNNError.Remedy.Action {
  /// Say which set of weights in a file is meant: `WeightsReadingOptions.entry`.
  public static let chooseWeightsEntry = Self(rawValue: "choose-weights-entry")
}

extension CNNError.Code {
  /// A file holds several sets of weights, and nothing says which one is meant.
  public static let ambiguous = CNNError.Code(rawValue: "ambiguous")
}
