public import CNNImage

/// A weights file that somebody published for a model, with the facts needed to use it well.
///
/// Preprocessing belongs to the weights, not to the architecture: the same VGG16 wants RGB in
/// [0, 1] from one source and BGR minus a mean from another.
public struct PublishedWeights: Sendable, Hashable {
  /// The file's usual name.
  public let fileName: String
  /// Where it is published.
  public let source: String
  /// Published accuracy on ImageNet's validation set with one centre crop, in percent; nil where
  /// none was published.
  public let accuracy: Accuracy?

  /// What these weights were trained with, where it is not what the names in the file suggest.
  public let preprocessing: Preprocessing?

  /// Share of pictures whose true class is the first guess, or among the first five, in percent.
  public struct Accuracy: Sendable, Hashable {
    /// First guess right.
    public let top1: Double
    /// Among the first five.
    public let top5: Double
  }

  init(
    _ fileName: String, from source: String, accuracy: (Double, Double)? = nil,
    preprocessing: Preprocessing? = nil
  ) {
    self.fileName = fileName
    self.source = source
    self.preprocessing = preprocessing
    self.accuracy = accuracy.map { Accuracy(top1: $0.0, top5: $0.1) }
  }
}
