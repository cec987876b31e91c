public import CNNSystem

extension Network {
  /// The node that `layer` means: a node's name, or `logits` for the scores before the softmax.
  ///
  /// - Throws: `unknown`, with the names that are closest.
  public func resolve(layer: String) throws(CNNError) -> Node {
    if let node = node(layer) { return node }
    if layer == "logits" { return logitsNode }
    throw unknownNode(layer, among: nodes.map(\.name), also: ["logits"])
  }

  /// The index of the node of this name, or of the last node of the stage of this name; a batch
  /// normalisation right after a stage is part of it.
  ///
  /// The name of a stage is what the names of its nodes begin with: `conv3` of VGG, `layer3` and `layer3.1` of
  /// ResNet, `fire5` of SqueezeNet.
  ///
  /// - Throws: `unknown`, with the names that are closest.
  func lastIndex(ofNodeOrStage name: String) throws(CNNError) -> Int {
    if let index = nodes.firstIndex(where: { $0.name == name }) { return index }
    guard var last = nodes.lastIndex(where: { $0.stages.contains(name) }) else {
      var known: Set<String> = []
      let names = nodes.flatMap { $0.stages + [$0.name] }.filter { known.insert($0).inserted }
      throw unknownNode(name, among: names)
    }
    while last + 1 < nodes.count, case .batchNorm = nodes[last + 1].layer { last += 1 }
    return last
  }

  private func unknownNode(
    _ name: String, among names: [String], also others: [String] = []
  ) -> CNNError {
    let nearest = names.nearest(to: name)
    let shown = nearest.prefix(12)
    let others = others.map { " or \($0)" }.joined()
    return CNNError(
      .usage, .unknown, "\(self.name) has no node called \"\(name)\"",
      expected: shown.joined(separator: ", ") + (shown.count < nearest.count ? ", ..." : "")
        + others,
      remedy: CNNError.Remedy("The network's summary names all its nodes", action: .listNodes))
  }
}

extension Network.Node {
  /// The stages that it is part of, the largest first: `layer3` and `layer3.1` for
  /// `layer3.1.conv2`.
  fileprivate var stages: [String] {
    name.indices.filter { "._/".contains(name[$0]) }.map { String(name[..<$0]) }
  }
}

extension [String] {
  /// The names that `name` may have been meant to be: those that contain it or that it contains,
  /// or else those that differ in few characters, the closest first; all where none is close.
  fileprivate func nearest(to name: String) -> [String] {
    let similar = filter { $0.contains(name) || (!$0.isEmpty && name.contains($0)) }
    guard similar.isEmpty else { return similar }
    // A third of the characters, at least two: a slip of the finger, not another word.
    let most = Swift.max(2, name.count / 3)
    let distances = enumerated().map { (index: $0, name: $1, distance: $1.editDistance(to: name)) }
    let close = distances.filter { $0.distance <= most }
      .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
    return close.isEmpty ? self : close.map(\.name)
  }
}

extension String {
  /// Characters to insert, remove or replace to make `other` of this (Levenshtein, 1966).
  fileprivate func editDistance(to other: String) -> Int {
    let target = Array(other)
    var row = Array(0...target.count)
    for (index, character) in enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let replaced = diagonal + (character == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = Swift.min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[target.count]
  }
}
