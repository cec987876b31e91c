/// Loss and accuracy over pictures that come in batches of any size.
///
/// Every picture counts the same: a mean of batch means would give the pictures of a short last
/// batch more weight.
public struct RunningMetrics: Sendable, Hashable, Codable {
  /// The pictures so far.
  public private(set) var count = 0
  /// Those the network was right about.
  public private(set) var correct = 0
  private var lossSum = 0.0
  private var weightSum = 0.0

  /// No pictures yet.
  public init() {}

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - meanLoss: the mean over the batch, as a loss function returns it.
  ///   - correct: how many of the batch the network was right about.
  ///   - count: the pictures of the batch.
  ///   - weight: what the mean was divided by, where classes have weights; nil for `count`.
  public mutating func add(
    meanLoss: Double, correct: Int, count: Int, weight: Double? = nil
  ) {
    precondition((0...count).contains(correct), "\(correct) of \(count) pictures")
    let weight = weight ?? Double(count)
    lossSum += meanLoss * weight
    weightSum += weight
    self.correct += correct
    self.count += count
  }

  /// The mean loss of all pictures; NaN before the first.
  public var loss: Double { lossSum / weightSum }

  /// The share of correct pictures; NaN before the first.
  public var accuracy: Double { Double(correct) / Double(count) }
}
