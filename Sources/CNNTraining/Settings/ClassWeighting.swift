internal import CNNSystem

/// What the pictures of each class count in the loss.
public enum ClassWeighting: Sendable, Hashable, Codable {
  /// Every picture counts the same.
  case equal
  /// Every class counts the same: its pictures weigh `pictures / (classes * pictures of the class)`.
  case balanced
  /// A weight for each class, by name.
  case given([String: Double])

  /// The weights of the classes of `dataSet` in index order; nil where all are equal.
  ///
  /// - Throws: a `usage` error where the given names are not those of the classes, or a weight is
  ///   not positive.
  func weights(for dataSet: DataSet) throws(CNNError) -> [Double]? {
    switch self {
    case .equal:
      return nil
    case .balanced:
      let counts = dataSet.countsByClass
      return counts.map { Double(dataSet.count) / (Double(counts.count) * Double(max(1, $0))) }
    case .given(let weights):
      let names = dataSet.classNames
      guard Set(weights.keys) == Set(names) else {
        throw CNNError(
          .usage, .mismatch, "the class weights are not those of the classes",
          found: weights.keys.sorted().joined(separator: ", "),
          expected: names.joined(separator: ", "))
      }
      guard weights.values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw CNNError(
          .usage, .unknown, "a class weight is not positive",
          found: weights.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
            .joined(separator: ", "))
      }
      return names.map { weights[$0] ?? 1 }
    }
  }
}
