/// How picture files become pixels.
///
/// Encoded are the options that decide the pixels; a limit only refuses pictures.
public struct DecodingOptions: Sendable, Hashable, Codable {
  /// Turn the pixels upright as the Exif block says. Switch it off to see what Pillow, torchvision
  /// and TensorFlow see, which ignore it by default.
  public var appliesOrientation: Bool
  /// The colour behind transparent pixels. Nil ignores transparency and shows the colours that are
  /// stored for transparent pixels, as Pillow's `convert("RGB")` does.
  public var background: RGBColor?
  /// The most pixels that a picture may have; the header decides, before anything is allocated.
  /// Decoding takes up to 11 bytes of memory a pixel, for a progressive JPEG of four components.
  public var maximumPixels = 100_000_000
  /// Use what a cut file holds, with a warning; the missing rows are grey (JPEG), or black or the
  /// background (PNG). Otherwise a cut file is an error.
  public var allowsTruncated: Bool

  private enum CodingKeys: CodingKey {
    case appliesOrientation, background, allowsTruncated
  }

  /// Options from their parts; the defaults suit classification.
  public init(
    appliesOrientation: Bool = true, background: RGBColor? = .white,
    maximumPixels: Int = 100_000_000, allowsTruncated: Bool = false
  ) {
    self.appliesOrientation = appliesOrientation
    self.background = background
    self.maximumPixels = maximumPixels
    self.allowsTruncated = allowsTruncated
  }
}
