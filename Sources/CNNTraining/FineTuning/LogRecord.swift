internal import CNNSystem

/// One line of `log.csv`: what was measured after a step, or after an epoch.
public struct LogRecord: Sendable, Hashable, Codable {
  /// What the line is about.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// One step of training; loss and accuracy are those of its batch.
    case step
    /// A whole epoch; loss and accuracy are those of all its pictures.
    case epoch
  }

  /// Steps done since the beginning of the run.
  public var step: Int
  /// The epoch, counted from 1.
  public var epoch: Int
  /// What the line is about.
  public var kind: Kind
  /// Training loss.
  public var loss: Double
  /// Share of the training pictures that were predicted correctly, 0 to 1.
  public var accuracy: Double
  /// Loss on the pictures for validation; epochs only.
  public var validationLoss: Double?
  /// Accuracy on them, 0 to 1; epochs only.
  public var validationAccuracy: Double?
  /// The learning rate of the step, or of the epoch's last one.
  public var learningRate: Double
  /// Euclidean norm of all gradients before they are clipped; of an epoch, the mean of its steps'.
  public var gradientNorm: Double?
  /// Time the run has taken so far, in seconds, all its parts together.
  public var seconds: Double

  /// A line from its parts; see the properties.
  public init(
    step: Int, epoch: Int, kind: Kind, loss: Double, accuracy: Double,
    validationLoss: Double? = nil, validationAccuracy: Double? = nil, learningRate: Double,
    gradientNorm: Double? = nil, seconds: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.kind = kind
    self.loss = loss
    self.accuracy = accuracy
    self.validationLoss = validationLoss
    self.validationAccuracy = validationAccuracy
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.seconds = seconds
  }
}

extension LogRecord {
  /// The titles of the columns.
  package static let titles = [
    "step", "epoch", "kind", "loss", "accuracy", "validation_loss", "validation_accuracy",
    "learning_rate", "gradient_norm", "seconds",
  ]

  /// The cells of the line. Values are written so that reading them gives the same bits.
  package var cells: [String] {
    func cell(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
    return [
      "\(step)", "\(epoch)", kind.rawValue, "\(loss)", "\(accuracy)", cell(validationLoss),
      cell(validationAccuracy), "\(learningRate)", cell(gradientNorm), "\(seconds)",
    ]
  }

  /// A line from its cells; nil where they are not those of a line.
  package init?(cells: [String]) {
    guard
      cells.count == Self.titles.count, let step = Int(cells[0]), let epoch = Int(cells[1]),
      let kind = Kind(rawValue: cells[2]), let loss = Double(cells[3]),
      let accuracy = Double(cells[4]), let learningRate = Double(cells[7]),
      let seconds = Double(cells[9]),
      [5, 6, 8].allSatisfy({ cells[$0].isEmpty || Double(cells[$0]) != nil })
    else { return nil }
    self.init(
      step: step, epoch: epoch, kind: kind, loss: loss, accuracy: accuracy,
      validationLoss: Double(cells[5]), validationAccuracy: Double(cells[6]),
      learningRate: learningRate, gradientNorm: Double(cells[8]), seconds: seconds)
  }
}

extension LogRecord {
  /// The titles of the columns are the keys in JSON too.
  private enum CodingKeys: String, CodingKey {
    case step, epoch, kind, loss, accuracy
    case validationLoss = "validation_loss"
    case validationAccuracy = "validation_accuracy"
    case learningRate = "learning_rate"
    case gradientNorm = "gradient_norm"
    case seconds
  }
}

extension LogRecord: CustomStringConvertible {
  /// `epoch 2 (step 8): loss 0.1271, 94.12 % right; validation loss 0.0346, 100.00 % right`.
  public var description: String {
    func figures(_ loss: Double, _ accuracy: Double) -> String {
      "loss \(NumberText.fixed(loss, decimals: 4)), "
        + "\(NumberText.fixed(100 * accuracy, decimals: 2)) % right"
    }
    let name = kind == .epoch ? "epoch \(epoch) (step \(step))" : "step \(step) (epoch \(epoch))"
    var text = "\(name): \(figures(loss, accuracy))"
    if let validationLoss, let validationAccuracy {
      text += "; validation \(figures(validationLoss, validationAccuracy))"
    }
    return text
  }
}
