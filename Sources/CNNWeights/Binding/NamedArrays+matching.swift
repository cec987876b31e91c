package import CNNCore
package import CNNSystem

extension NamedArrays {
  /// The arrays under the names that a layout gives the parameters of `network`, and the layout.
  ///
  /// A prefix of all names is left out, and a last layer under another name is recognised by its
  /// shapes; notes say so. Arrays that are no parameters stay as they are: whether
  /// they are an error is decided when the arrays are bound. Reads no element.
  ///
  /// - Parameter layout: the file's origin; nil to detect it.
  /// - Throws: `mismatch` where no array has a name of the network; `ambiguous` where the arrays of
  ///   several such networks are in the file.
  package func matched(
    to network: Network, layout: WeightsLayout? = nil
  ) throws(CNNError) -> (arrays: NamedArrays, layout: WeightsLayout) {
    let layouts = layout.map { [$0] } ?? WeightsLayout.allCases
    let match: NameMatch
    do {
      match = try NameMatch.best(of: names, in: network, layouts: layouts)
    } catch {
      throw path.map { error.about($0.displayName) } ?? error
    }
    guard match.count > 0 || layout != nil else { throw unknownNames(of: network) }
    var (inside, outside): ([NamedArray], [NamedArray]) = ([], [])
    for array in self {
      if let name = match.name(of: array.name) {
        inside.append(array.renamed(name))
      } else {
        outside.append(array)
      }
    }
    var notes = Self.notes(match, unused: outside)
    if let head = LastLayer(network, match.layout)?.found(in: inside, or: outside) {
      inside = inside.filter { $0.name != head.weight && $0.name != head.bias } + head.arrays
      notes = Self.notes(match, unused: outside.filter { !head.isFrom($0) }) + [head.note]
    }
    guard inside.map(\.name) != names else { return (self, match.layout) }
    return (try replacing(inside, adding: notes), match.layout)
  }

  private static func notes(_ match: NameMatch, unused: [NamedArray]) -> [String] {
    var notes: [String] = []
    if match.dropsWrappers {
      notes.append("what PyTorch's wrappers put into the names (module, _orig_mod) is left out")
    }
    if !match.prefix.isEmpty {
      notes.append("\(match.prefix.printable) is left out of the names of the arrays")
    }
    let names = unused.filter { !$0.shape.isEmpty }.map(\.name.printable)
    if !names.isEmpty {
      let rest = names.count > 3 ? ", ... (\(names.count) arrays)" : ""
      notes.append("not used: " + names.prefix(3).joined(separator: ", ") + rest)
    }
    return notes
  }

  private func unknownNames(of network: Network) -> CNNError {
    var found = names.prefix(4).map(\.printable).joined(separator: ", ")
    if count > 4 { found += " ... (\(count) arrays)" }
    if let prefix = usualPrefix { found += ", most of them under \(prefix.printable)" }
    return CNNError(
      .weights, .mismatch, "no array has a name that \(network.name) knows",
      subject: path?.displayName, found: found,
      expected: WeightsLayout.exampleNames(in: network),
      remedy: "If they are weights of this network, rename them so; otherwise name theirs")
  }

  /// The longest prefix of most of the names, with its full stop; nil where there is none.
  var usualPrefix: String? {
    var prefix = ""
    while true {
      var counts: [Substring: Int] = [:]
      for name in names where name.hasPrefix(prefix) {
        let rest = name.dropFirst(prefix.count)
        if let end = rest.firstIndex(of: ".") { counts[rest[...end], default: 0] += 1 }
      }
      // Four fifths, because there may be a few arrays beside those of the network.
      guard let next = counts.max(by: { $0.value < $1.value }), 5 * next.value >= 4 * count else {
        return prefix.isEmpty ? nil : prefix
      }
      prefix += next.key
    }
  }
}

extension WeightsLayout {
  /// What the layouts call the first parameter of `network`, for an error.
  fileprivate static func exampleNames(in network: Network) -> String {
    guard let first = network.parameters.first?.name else { return "nothing" }
    var names: [String] = []
    for name in allCases.compactMap({ $0.arrayNames(for: network)[first] })
    where !names.contains(name) { names.append(name) }
    return "a name such as " + names.joined(separator: ", ")
  }

  /// The number of classes that the last layer of a file was made for, from its shape; nil where
  /// that layer is not in the file.
  ///
  /// - Parameter arrays: under the names of this layout; see `NamedArrays.matched`.
  package func classCount(in arrays: NamedArrays, for network: Network) -> Int? {
    guard
      let last = network.nodes.last(where: { !$0.parameters.isEmpty })?.parameters.first,
      let name = arrayNames(for: network)[last.name],
      let shape = arrays[name]?.shape, shape.count == last.shape.count
    else { return nil }
    let isOutputLast =
      shape.count == 4
      ? convolutionOrder == .heightWidthInputOutput : linearLayout == .inputOutput
    return isOutputLast ? shape.last : shape.first
  }
}
