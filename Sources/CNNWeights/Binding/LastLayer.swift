internal import CNNCore
internal import CNNSystem

/// The last layer of a network, as a file may hold it under another name: whoever trains a network
/// for classes of their own replaces it, and calls the new one `fc.1`, `head` or `last_linear`.
struct LastLayer {
  private let node: String
  private let weight: (name: String, shape: [Int])
  private let bias: String?
  private let isOutputLast: Bool
  private let expected: Set<String>

  /// The last layer of `network` in the terms of `layout`; nil where the layout has no name for it.
  init?(_ network: Network, _ layout: WeightsLayout) {
    let names = layout.arrayNames(for: network)
    guard
      let last = network.nodes.last(where: { !$0.parameters.isEmpty }),
      let parameter = last.parameters.first(where: { $0.role == .weight }),
      let name = names[parameter.name]
    else { return nil }
    node = last.name
    weight = (name, layout.fileShape(of: parameter, in: network))
    bias = last.parameters.first { $0.role == .bias }.flatMap { names[$0.name] }
    isOutputLast =
      weight.shape.count == 4
      ? layout.convolutionOrder == .heightWidthInputOutput : layout.linearLayout == .inputOutput
    expected = Set(names.values)
  }

  /// The layer in a file that calls it otherwise.
  struct Found {
    /// Names in the file.
    let weight: String
    let bias: String?
    /// The arrays under the names of the layout.
    let arrays: [NamedArray]
    let note: String

    /// Whether `array` is one of the layer's.
    func isFrom(_ array: NamedArray) -> Bool { array.name == weight || array.name == bias }
  }

  /// The layer among arrays that belong to no other layer; nil where the file has it under its own
  /// name, and where no or more than one pair of arrays has the right shapes.
  ///
  /// - Parameters:
  ///   - arrays: those under the names of the layout.
  ///   - others: those outside of the network's names, which are searched next.
  func found(in arrays: [NamedArray], or others: [NamedArray]) -> Found? {
    guard !arrays.contains(where: { $0.name == weight.name }) else { return nil }
    let unknown = arrays.filter { !expected.contains($0.name) }
    let inside = candidates(unknown)
    let all = inside.isEmpty ? candidates(others) : inside
    return all.count == 1 ? all[0] : nil
  }

  /// A weight and a bias whose names differ only behind the last separator.
  private func candidates(_ arrays: [NamedArray]) -> [Found] {
    let groups = Dictionary(grouping: arrays.filter { !$0.shape.isEmpty }) {
      Self.base(of: $0.name)
    }
    return groups.sorted { $0.key < $1.key }.compactMap { base, arrays in
      guard
        arrays.count == (bias == nil ? 1 : 2),
        let weight = arrays.first(where: { isWeight($0.shape) })
      else { return nil }
      let rest = arrays.first { $0.name != weight.name }
      guard rest.map({ $0.shape == [outputs(of: weight.shape)] }) ?? true else { return nil }
      var renamed = [weight.renamed(self.weight.name)]
      if let rest, let bias { renamed.append(rest.renamed(bias)) }
      return Found(
        weight: weight.name, bias: rest?.name, arrays: renamed,
        note: "the last layer, \(node), is called \(base.printable) in the file")
    }
  }

  /// Whether `shape` differs from the weight's in the number of outputs at most.
  private func isWeight(_ shape: [Int]) -> Bool {
    guard shape.count == weight.shape.count, outputs(of: shape) > 0 else { return false }
    return isOutputLast
      ? shape.dropLast() == weight.shape.dropLast() : shape.dropFirst() == weight.shape.dropFirst()
  }

  private func outputs(of shape: [Int]) -> Int { (isOutputLast ? shape.last : shape.first) ?? 0 }

  /// The name without its last part: `fc.1` of `fc.1.weight`, `fc8` of `fc8_W`.
  private static func base(of name: String) -> String {
    guard let end = name.lastIndex(where: { "./_".contains($0) }) else { return name }
    return String(name[..<end])
  }
}
