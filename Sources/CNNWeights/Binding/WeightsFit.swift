internal import CNNCore
internal import CNNSystem

/// How the arrays of a file compare with the parameters of a network: names and shapes only, no
/// number is read.
struct WeightsFit {
  /// A parameter, and what it is called and shaped like in the file.
  struct Entry {
    let parameter: ParameterDescription
    let fileName: String
    let fileShape: [Int]
    let linearLayout: ParameterArray.Layout
  }

  /// Every parameter of the network.
  let entries: [Entry]
  /// Parameters without an array.
  let missing: [Entry]
  /// Parameters whose array has another shape.
  let misshapen: [(entry: Entry, found: [Int])]
  /// Arrays that are no parameter.
  let unexpected: [NamedArray]

  /// BatchNorm's step counter, which PyTorch saves and nobody needs for inference.
  private static let ignoredSuffixes = ["num_batches_tracked"]

  /// Compares `arrays` with some parameters of `network`.
  ///
  /// Arrays of its other parameters are no problem: a trunk may be read from a whole network's file.
  ///
  /// - Parameters:
  ///   - inputOutput: names of linear weights that lie `[in, out]`, whatever `layout` says.
  ///   - refusesOthers: whether arrays that belong to no parameter of the network are a problem.
  init(
    _ arrays: NamedArrays, _ network: Network, needing needed: [ParameterDescription],
    _ layout: WeightsLayout, inputOutput: Set<String> = [], refusesOthers: Bool = true
  ) {
    let names = layout.arrayNames(for: network)
    entries = needed.compactMap { parameter in
      guard let name = names[parameter.name] else { return nil }
      let shape = layout.fileShape(of: parameter, in: network)
      let isReversed = inputOutput.contains(parameter.name)
      return Entry(
        parameter: parameter, fileName: name, fileShape: isReversed ? shape.reversed() : shape,
        linearLayout: isReversed ? .inputOutput : layout.linearLayout)
    }
    let nameless = needed.filter { names[$0.name] == nil }.map { parameter in
      Entry(
        parameter: parameter, fileName: parameter.name, fileShape: parameter.shape,
        linearLayout: layout.linearLayout)
    }
    missing = entries.filter { arrays[$0.fileName] == nil } + nameless
    misshapen = entries.compactMap { entry in
      guard let found = arrays[entry.fileName]?.shape, found != entry.fileShape else { return nil }
      return (entry, found)
    }
    let known = Set(names.values)
    unexpected = arrays.filter { array in
      refusesOthers && !known.contains(array.name)
        && !Self.ignoredSuffixes.contains { array.name.hasSuffix($0) }
    }
  }

  /// Whether every parameter has its array and every array its parameter.
  var isPerfect: Bool { missing.isEmpty && misshapen.isEmpty && unexpected.isEmpty }

  /// All problems in one error.
  func failure(file: String?, network: Network, layout: WeightsLayout) -> CNNError {
    let counts = [
      (missing.count, "missing"), (misshapen.count, "of another shape"),
      (unexpected.count, "unexpected"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    let lines =
      misshapen.map {
        "\($0.entry.fileName): found \($0.found), expected \($0.entry.fileShape)"
      }
      + missing.map { "\($0.fileName): missing, expected \($0.fileShape)" }
      + unexpected.map { "\($0.name): unexpected, found \($0.shape)" }
    let shown = 10
    let rest = lines.count > shown ? ["... and \(lines.count - shown) more"] : []
    return CNNError(
      .weights, .mismatch, "the arrays do not fit \(network.name)", subject: file,
      found: "\(counts) (names read as \(layout.rawValue))",
      expected: "\(entries.count) arrays for \(network.classCount) classes",
      details: lines.prefix(shown) + rest)
  }
}
