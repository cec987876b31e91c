package import CNNCore
package import CNNSystem

extension WeightsLayout {
  /// The layout under which most parameters of `network` are found in `arrays`.
  ///
  /// - Throws: `mismatch` where no layout finds any.
  package static func detect(
    _ arrays: NamedArrays, _ network: Network
  ) throws(CNNError) -> WeightsLayout {
    let counts = allCases.map { layout in
      (layout, layout.arrayNames(for: network).values.count { arrays[$0] != nil })
    }
    // The first of equals, so `native` wins where torchvision uses the same names.
    let best = counts.reduce(counts[0]) { $1.1 > $0.1 ? $1 : $0 }
    guard best.1 > 0 else {
      throw CNNError(
        .weights, .mismatch, "no array has a name that \(network.name) knows",
        subject: arrays.path?.displayName,
        found: arrays.names.prefix(4).joined(separator: ", ")
          + (arrays.count > 4 ? " ... (\(arrays.count) arrays)" : ""),
        expected: expectedNames(of: network),
        remedy: "Name the network these weights were made for")
    }
    return best.0
  }

  private static func expectedNames(of network: Network) -> String {
    guard let first = network.parameters.first?.name else { return "nothing" }
    let names = allCases.compactMap { $0.arrayNames(for: network)[first] }
    var unique: [String] = []
    for name in names where !unique.contains(name) { unique.append(name) }
    return "a name such as " + unique.joined(separator: ", ")
  }

  /// The number of classes that the last layer of a file was made for, read off its shape; nil
  /// where that layer is not in the file.
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
