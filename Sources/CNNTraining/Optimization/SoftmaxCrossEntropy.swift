internal import CNNPlatform
public import CNNCore
internal import CNNSystem

/// Softmax and cross-entropy at once, the loss of classification: PyTorch's `CrossEntropyLoss`
/// with the mean over the batch, class weights and label smoothing.
public struct SoftmaxCrossEntropy: Sendable, Hashable, Codable {
  /// The share of the target that is spread evenly over all classes, at least 0 and below 1
  /// (arXiv 1512.00567, section 7).
  public var labelSmoothing: Double
  /// The weight of each class, or nil for equal ones.
  public var classWeights: [Double]?

  /// A loss; plain cross-entropy by default.
  public init(labelSmoothing: Double = 0, classWeights: [Double]? = nil) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
  }

  /// Loss and gradient of a batch.
  public struct Result: Sendable {
    /// The mean loss; where classes have weights, each picture counts with that of its class.
    public let mean: Double
    /// What `mean` was divided by: the number of pictures, or the sum of their weights. A mean over
    /// several batches is the sum of `mean * weight`, divided by the sum of `weight`.
    public let weight: Double
    /// The gradient of `mean` with respect to the logits, `[N, classes]`.
    public let logitsGradient: Tensor
    /// Pictures whose largest logit is that of their class.
    public let correct: Int
  }

  /// Loss and gradient of a batch.
  ///
  /// With p the softmax, y the class, w the weights, K classes, smoothing e and W the sum of the
  /// pictures' `w[y]`:
  ///
  ///     loss = sum over pictures of
  ///       (-(1 - e) w[y] log p[y] - e / K * sum over c of w[c] log p[c]) / W
  ///     gradient[j] = ((1 - e) w[y] (p[j] - [j = y]) + e / K (p[j] * sum of w - w[j])) / W
  ///
  /// - Parameters:
  ///   - logits: `[N, classes]`, N at least 1.
  ///   - labels: the class of each picture. Precondition: each is at least 0 and below `classes`.
  public func callAsFunction(_ logits: Tensor, labels: [Int]) -> Result {
    let classes = logits.shape[1]
    requireArgument(
      labels.count == logits.shape[0], "\(labels.count) labels for \(logits.shape[0]) pictures")
    requireArgument(
      labels.allSatisfy { 0..<classes ~= $0 },
      "a label is outside the \(classes) classes: \(labels)")
    let weights = classWeights ?? Array(repeating: 1, count: classes)
    requireArgument(
      weights.count == classes, "\(weights.count) class weights for \(classes) classes")
    let total = labels.reduce(0) { $0 + weights[$1] }
    var (loss, correct) = (0.0, 0)
    let gradient = Tensor(uninitialized: logits.shape) { target in
      logits.withUnsafeElements { logits in
        for (picture, label) in labels.enumerated() {
          let row = logits[(picture * classes)..<((picture + 1) * classes)]
          let logarithms = logSoftmax(row)
          loss += self.loss(logarithms, label, weights)
          if row.max() == row[row.startIndex + label] { correct += 1 }
          write(logarithms, label, weights, total, to: target[(picture * classes)...])
        }
      }
    }
    return Result(mean: loss / total, weight: total, logitsGradient: gradient, correct: correct)
  }

  /// `log p` of one picture, in double precision.
  private func logSoftmax(_ logits: Slice<UnsafeBufferPointer<Float>>) -> [Double] {
    let largest = Double(logits.max() ?? 0)
    let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
    return logits.map { Double($0) - largest - log(sum) }
  }

  private func loss(_ logarithms: [Double], _ label: Int, _ weights: [Double]) -> Double {
    let plain = (1 - labelSmoothing) * weights[label] * logarithms[label]
    guard labelSmoothing > 0 else { return -plain }
    let even = zip(weights, logarithms).reduce(0) { $0 + $1.0 * $1.1 }
    return -plain - labelSmoothing / Double(weights.count) * even
  }

  private func write(
    _ logarithms: [Double], _ label: Int, _ weights: [Double], _ total: Double,
    to target: Slice<UnsafeMutableBufferPointer<Float>>
  ) {
    let share = labelSmoothing / Double(weights.count)
    let sum = weights.reduce(0, +)
    var target = target
    for (index, logarithm) in logarithms.enumerated() {
      let probability = exp(logarithm)
      let plain = weights[label] * (probability - (index == label ? 1 : 0))
      let even = probability * sum - weights[index]
      target[target.startIndex + index] = Float(
        ((1 - labelSmoothing) * plain + share * even) / total)
    }
  }
}
