/// How well a network knows one class.
public struct ClassMetrics: Sendable, Hashable, Codable {
  /// The class, counted from 0.
  public let index: Int
  /// Its name.
  public let name: String
  /// Pictures that belong to it.
  public let count: Int
  /// Pictures that the network puts into it.
  public let predicted: Int
  /// Pictures that belong to it and are put into it.
  public let correct: Int
  /// `correct / predicted`; 0 where nothing is put into it.
  public let precision: Double
  /// `correct / count`; 0 where nothing belongs to it.
  public let recall: Double
  /// The harmonic mean of the two; 0 where both are.
  public let f1: Double

  init(index: Int, name: String, count: Int, predicted: Int, correct: Int) {
    self.index = index
    self.name = name
    self.count = count
    self.predicted = predicted
    self.correct = correct
    precision = predicted == 0 ? 0 : Double(correct) / Double(predicted)
    recall = count == 0 ? 0 : Double(correct) / Double(count)
    f1 = count + predicted == 0 ? 0 : Double(2 * correct) / Double(count + predicted)
  }
}
