/// One picture and the class it belongs to.
public struct LabelledPicture: Sendable {
  /// Where its pixels come from.
  public let source: PictureSource
  /// Its class, counted from 0.
  public let classIndex: Int

  /// A picture from its parts.
  public init(_ source: PictureSource, classIndex: Int) {
    self.source = source
    self.classIndex = classIndex
  }
}
