/// Something about one picture of a data set that its owner should know.
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
