/// What a look at every picture of a data set has shown.
public struct DataCheck: Sendable, Hashable, Codable {
  /// How many pictures a class has.
  public struct ClassCount: Sendable, Hashable, Codable {
    /// The class.
    public let name: String
    /// All of its pictures.
    public let pictures: Int
    /// Those that can be trained with.
    public let usable: Int
  }

  /// The sizes of the pictures that could be read, in pixels, as stored.
  public struct Sizes: Sendable, Hashable, Codable {
    /// The least width.
    public let minimumWidth: Int
    /// The least height.
    public let minimumHeight: Int
    /// The greatest width.
    public let maximumWidth: Int
    /// The greatest height.
    public let maximumHeight: Int
  }

  /// How much of each picture was looked at.
  public enum Depth: String, Sendable, Hashable, Codable {
    /// The header and the content's hash: finds everything but damage among the pixels.
    case headers
    /// All pixels were decoded.
    case pixels
  }

  /// How much was looked at.
  public let depth: Depth
  /// The number of pictures.
  public let count: Int
  /// The number of pictures that can be trained with.
  public let usable: Int
  /// The number of pictures of each format, by its name.
  public let formats: [String: Int]
  /// Nil where no picture could be read.
  public let sizes: Sizes?
  /// Each class, in index order.
  public let classes: [ClassCount]
  /// Everything that was found, in the order of the pictures.
  public let findings: [PictureFinding]

  /// What was found about pictures that cannot be trained with.
  public var bad: [PictureFinding] { findings.filter(\.kind.isBad) }

  /// The largest class's count divided by the smallest's; 1 is balanced, nil if one is empty.
  public var imbalance: Double? {
    guard let least = classes.map(\.usable).min(), let most = classes.map(\.usable).max(), least > 0
    else { return nil }
    return Double(most) / Double(least)
  }

  /// `dataSet`, which is the one that was checked, without its bad pictures.
  public func leavingOutBad(of dataSet: DataSet) -> DataSet {
    precondition(dataSet.count == count, "this is not the data set that was checked")
    let bad = Set(bad.map(\.index))
    return dataSet.selecting(dataSet.pictures.indices.filter { !bad.contains($0) })
  }
}
