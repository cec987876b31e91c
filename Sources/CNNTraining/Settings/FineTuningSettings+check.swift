internal import CNNCore
package import CNNSystem

extension FineTuningSettings {
  /// Refuses what cannot be trained, before a picture is looked at or a file is written.
  ///
  /// - Throws: a `usage` error where the settings do not fit the network, the classes or the
  ///   machine; a `data` error without pictures of two classes.
  package func check(for network: TransferredNetwork, _ training: DataSet) throws(CNNError) {
    guard training.countsByClass.count(where: { $0 > 0 }) > 1 else {
      throw CNNError(
        .data, .mismatch, "there is nothing to tell apart", found: "\(training)",
        expected: "pictures of at least two classes")
    }
    try augmentation.check(for: network.preprocessing)
    try checkVariants(areCached: network.features != nil)
    _ = try classWeighting.weights(for: training)
    let pictures = min(batchSize, training.count)
    try MemoryBudget.require(
      leastMemory(for: network, pictures: pictures),
      for: "training \(network.network.name) on \(pictures) pictures at once")
  }

  /// Refuses augmentation that would be asked for and never happen.
  private func checkVariants(areCached: Bool) throws(CNNError) {
    if areCached, variants == 1, !augmentation.isNone {
      throw CNNError(
        .usage, .mismatch, "augmentation would change nothing",
        found: "1 variant of each picture, which is the picture itself",
        remedy: "Ask for at least 2 variants")
    }
    if !areCached, variants != 1 {
      throw CNNError(
        .usage, .mismatch, "variants are computed of frozen layers, and the first ones are trained",
        found: "\(variants) variants",
        remedy: "Ask for none: every epoch changes the pictures in its own way")
    }
  }

  /// What a step certainly needs, in bytes: trained weights, what the optimiser remembers of them,
  /// and the outputs of all nodes, which the way back reads. Nil where the number overflows.
  private func leastMemory(for network: TransferredNetwork, pictures: Int) -> Int? {
    let pass = TrainingPass(
      network: network.network, features: network.features, frozen: network.frozen)
    let weights = pass.trainedParameters.reduce(0) { $0 + $1.count }
    let outputs = pass.nodes.reduce(0) { $0 + Tensor.elementCount(of: $1.outputShape) }
    let (all, overflows) = outputs.multipliedReportingOverflow(by: pictures)
    let (sum, sumOverflows) = all.addingReportingOverflow(weights * (1 + optimizer.momentCount))
    let (bytes, bytesOverflow) = sum.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    return overflows || sumOverflows || bytesOverflow ? nil : bytes
  }
}
