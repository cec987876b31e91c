/// A decoded picture file.
public struct DecodedPicture: Sendable, Hashable {
  /// The pixels, turned upright unless the options say otherwise.
  public let pixels: Pixels
  /// By content, not by name.
  public let format: PictureFormat
  /// What the file says about its orientation, applied or not.
  public let orientation: Orientation
  /// What is wrong with the file although it could be decoded, a sentence each; usually empty.
  public let warnings: [String]
}
