internal import CNNCore
internal import CNNSystem

extension FineTuningSettings {
  /// Refuses what cannot be trained, before a picture is looked at or a file is written.
  ///
  /// - Throws: a `usage` error where the settings do not fit the network, the classes or the
  ///   machine; a `data` error without pictures of two classes.
  func check(for network: TransferredNetwork, _ training: DataSet) throws(CNNError) {
    guard training.countsByClass.count(where: { $0 > 0 }) > 1 else {
      throw CNNError(
        .data, .mismatch, "there is nothing to tell apart", found: "\(training)",
        expected: "pictures of at least two classes")
    }
    try augmentation.check(for: network.preprocessing)
    _ = try classWeighting.weights(for: training)
    let pictures = min(batchSize, training.count)
    try MemoryBudget.require(
      leastMemory(for: network, pictures: pictures),
      for: "training \(network.network.name) on \(pictures) pictures at once")
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
