internal import CNNCore
internal import CNNSystem

/// How the arrays of a file compare with the parameters of a network, by names and shapes alone.
struct WeightsFit {
  /// A parameter, and its name and shape in the file.
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

  /// Whether an array that is no parameter is no problem either: BatchNorm's step counter, which
  /// PyTorch saves and no inference needs, and single numbers such as an epoch, which no parameter
  /// is.
  private static func isHarmless(_ array: NamedArray) -> Bool {
    array.shape.isEmpty || array.name.hasSuffix("num_batches_tracked")
  }

  /// Compares `arrays` with some parameters of `network`.
  ///
  /// Arrays of its other parameters are no problem: the first part of a network can be read from a file of all of it.
  ///
  /// - Parameters:
  ///   - inputOutput: names of linear weights that are `[in, out]`, whatever `layout` says.
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
        && !Self.isHarmless(array)
    }
  }

  /// Whether every parameter has its array and every array its parameter.
  var isPerfect: Bool { missing.isEmpty && misshapen.isEmpty && unexpected.isEmpty }

  /// All problems in one error.
  func failure(_ arrays: NamedArrays, network: Network, layout: WeightsLayout) -> CNNError {
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
      .weights, .mismatch, "the arrays do not fit \(network.name)",
      subject: arrays.path?.displayName,
      found: "\(counts) (names read as \(layout.rawValue)\(Self.prefixNote(arrays)))",
      expected: "\(entries.count) arrays for \(network.classCount) classes",
      remedy: Self.isShard(arrays)
        ? "The file is one of several: read the index beside it (.index.json)" : nil,
      details: lines.prefix(shown) + rest)
  }

  /// The prefix of most of the names, where there is one.
  private static func prefixNote(_ arrays: NamedArrays) -> String {
    arrays.usualPrefix.map { ", most of them under \($0.printable)" } ?? ""
  }

  /// Whether the name of the file is that of one part of several: `model-00001-of-00002.safetensors`.
  private static func isShard(_ arrays: NamedArrays) -> Bool {
    let words = arrays.path?.stem?.split(separator: "-") ?? []
    guard words.count > 3, words[words.count - 2] == "of" else { return false }
    return [words[words.count - 3], words[words.count - 1]].allSatisfy { $0.allSatisfy(\.isNumber) }
  }
}
