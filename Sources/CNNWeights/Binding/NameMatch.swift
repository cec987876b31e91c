internal import CNNCore
internal import CNNSystem

/// The best way to read the names of a file as those of a network: a layout, and what has to be left
/// out of the names.
///
/// Training programs wrap a network in a class of their own, so that all its names begin with
/// `model.`, `backbone.` or the like, and PyTorch's wrappers add theirs. Whatever prefix makes the
/// arrays fit is left out.
struct NameMatch {
  let layout: WeightsLayout
  /// Whether the names of PyTorch's wrappers are left out, wherever in a name they are.
  let dropsWrappers: Bool
  /// What is left out before each name, with its full stop or slash; empty for nothing.
  let prefix: String
  /// Parameters of the network that then have an array.
  let count: Int

  /// What PyTorch's wrappers put into the names of the modules that they wrap: `DataParallel`,
  /// `torch.compile`, activation checkpoints and fully sharded training.
  private static let wrapperNames: Set<Substring> = [
    "module", "_orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module",
  ]

  /// The best match, which may match nothing.
  ///
  /// - Parameters:
  ///   - names: the names in the file.
  ///   - layouts: the layouts to try; of equal matches the first wins.
  /// - Throws: `ambiguous` where two prefixes fit equally well.
  static func best(
    of names: [String], in network: Network, layouts: [WeightsLayout]
  ) throws(CNNError) -> NameMatch {
    var matches: [NameMatch] = []
    for dropsWrappers in names.contains(where: hasWrapper) ? [false, true] : [false] {
      let names = dropsWrappers ? names.map(withoutWrappers) : names
      for layout in layouts {
        let expected = Set(layout.arrayNames(for: network).values)
        matches += prefixCounts(names, expected).map { prefix, count in
          NameMatch(layout: layout, dropsWrappers: dropsWrappers, prefix: prefix, count: count)
        }
      }
    }
    let largest = matches.map(\.count).max() ?? 0
    guard let best = matches.first(where: { $0.count == largest }) else {
      preconditionFailure("the match without a prefix is always there")
    }
    let rivals = matches.filter { other in
      other.count == largest && other.layout == best.layout
        && other.dropsWrappers == best.dropsWrappers && !best.prefix.isEmpty
    }
    guard rivals.count <= 1 else { throw ambiguous(rivals.map(\.prefix)) }
    return best
  }

  /// How many names are expected without a prefix, which comes first, and with each prefix that
  /// explains most of the names.
  private static func prefixCounts(
    _ names: [String], _ expected: Set<String>
  ) -> [(prefix: String, count: Int)] {
    var counts: [String: Int] = [:]
    for name in names {
      for index in name.indices where name[index] == "." || name[index] == "/" {
        let start = name.index(after: index)
        if expected.contains(String(name[start...])) {
          counts[String(name[..<start]), default: 0] += 1
        }
      }
    }
    // A prefix that helps a few names only is a coincidence.
    let likely = counts.filter { 2 * $0.value > min(expected.count, names.count) }
    return [("", names.count { expected.contains($0) })]
      + likely.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
  }

  /// The name in the layout's terms, or nil where it lacks the prefix.
  func name(of foreign: String) -> String? {
    let name = dropsWrappers ? Self.withoutWrappers(foreign) : foreign
    return name.hasPrefix(prefix) && name.count > prefix.count
      ? String(name.dropFirst(prefix.count)) : nil
  }

  private static func hasWrapper(_ name: String) -> Bool {
    name.split(separator: ".", omittingEmptySubsequences: false).contains {
      wrapperNames.contains($0)
    }
  }

  private static func withoutWrappers(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .filter { !wrapperNames.contains($0) }.joined(separator: ".")
  }

  private static func ambiguous(_ prefixes: [String]) -> CNNError {
    let entries = prefixes.map { String($0.dropLast()).printable }.sorted()
    return CNNError(
      .weights, .ambiguous, "the file holds several sets of weights",
      found: entries.joined(separator: ", "), expected: "one, or a choice",
      remedy: CNNError.Remedy("Name the entry to read", action: .chooseWeightsEntry))
  }
}
