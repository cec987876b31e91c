/// A network's answer for one picture whose class is known.
public struct EvaluatedPicture: Sendable, Hashable, Codable {
  /// The picture's name; printable.
  public let name: String
  /// The class it belongs to.
  public let classIndex: Int
  /// The class the network holds most probable; the first of equal ones.
  public let predictedIndex: Int
  /// How many classes the network holds more probable than the true one; 0 is a hit.
  public let rank: Int
  /// What the network gives the true class, 0 to 1.
  public let classProbability: Double
  /// What it gives its favourite.
  public let predictedProbability: Double

  /// Whether the network is right.
  public var isCorrect: Bool { rank == 0 }

  /// What the network said, from its probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: one for each class. NaN counts as 0.
  ///   - classIndex: precondition: it has a probability.
  public init(name: String, classIndex: Int, probabilities: some Collection<Float>) {
    let numbers = probabilities.map { $0.isNaN ? 0 : Double($0) }
    precondition(numbers.indices.contains(classIndex), "no probability for class \(classIndex)")
    let own = numbers[classIndex]
    var predicted = 0
    var rank = 0
    for (index, number) in numbers.enumerated() {
      if number > numbers[predicted] { predicted = index }
      // Of equal classes the first comes first, as in the list of predictions.
      if number > own || (number == own && index < classIndex) { rank += 1 }
    }
    self.name = name
    self.classIndex = classIndex
    self.predictedIndex = predicted
    self.rank = rank
    classProbability = own
    predictedProbability = numbers[predicted]
  }

  private enum CodingKeys: String, CodingKey {
    case name = "file"
    case classIndex = "class"
    case predictedIndex = "predicted"
    case rank
    case classProbability = "class_probability"
    case predictedProbability = "predicted_probability"
  }
}
