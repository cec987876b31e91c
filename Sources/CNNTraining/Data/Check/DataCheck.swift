/// What a check of every picture of a data set has found.
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

  /// How much of each picture is checked.
  public enum Depth: String, Sendable, Hashable, Codable {
    /// The header and the content's hash: this finds everything but damaged pixels.
    case headers
    /// All pixels are decoded too.
    case pixels
  }

  /// How much of each picture was checked.
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

/// Something about one picture of a data set that its owner may want to know.
public struct PictureFinding: Sendable, Hashable, Codable {
  /// What was found.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// There is no such file, or it may not be read.
    case unreadable
    /// The file has no bytes.
    case empty
    /// Neither JPEG nor PNG, or a variant that cannot be decoded.
    case unsupported
    /// The file ends too early.
    case truncated
    /// The file contradicts itself.
    case corrupt
    /// More pixels than allowed.
    case tooLarge = "too large"
    /// Decoded, with warnings of the decoder.
    case damaged
    /// The same content as another picture of another class: one of the two is wrong.
    case contradiction
    /// The same content as another picture.
    case duplicate
    /// The name claims another format than the content has.
    case wronglyNamed = "wrongly named"
    /// A JPEG in cyan, magenta, yellow and black, as printers use it.
    case cmyk = "CMYK"
    /// 16 bits a channel, of which the upper 8 are used.
    case sixteenBit = "16-bit"
    /// Stored turned or mirrored, and turned upright when it is decoded.
    case rotated

    /// Whether the picture cannot be trained with.
    public var isBad: Bool {
      switch self {
      case .unreadable, .empty, .unsupported, .truncated, .corrupt, .tooLarge: true
      default: false
      }
    }
  }

  /// Position of the picture in the data set.
  public let index: Int
  /// Its name; printable.
  public let picture: String
  /// What was found.
  public let kind: Kind
  /// The same in words.
  public let message: String
}
