/// How picture files become pixels.
///
/// Encoded are the options that decide the pixels, not the limits, which only refuse pictures.
public struct DecodingOptions: Sendable, Hashable {
  /// Turn the pixels upright as the Exif block says. Switch it off to see what Pillow, torchvision
  /// and TensorFlow see, which ignore it by default.
  public var appliesOrientation: Bool
  /// The colour behind transparent pixels. Nil ignores transparency and shows the colours that are
  /// stored for transparent pixels, as Pillow's `convert("RGB")` does.
  public var background: RGBColor?
  /// The most pixels that a picture may have; the header decides, before anything is allocated.
  /// Decoding takes up to 11 bytes of memory a pixel, for a progressive JPEG of four components.
  public var maximumPixels: Int
  /// The most bytes that an encoded picture may have.
  public var maximumFileSize: Int
  /// Use what a cut file holds, with a warning; the missing rows are grey (JPEG), or black or the
  /// background (other formats). Otherwise a cut file is an error.
  public var allowsTruncated: Bool
  /// Have the decoder scale large JPEGs down by 2, 4 or 8, as far as both sides keep at least this
  /// many pixels; nil decodes all pixels.
  ///
  /// It saves most of the time that a photo of a phone takes. Equal to Pillow's
  /// `draft("RGB", (side, side))`. The pixels are averages over blocks and then resized again by
  /// `Preprocessing`, so they differ slightly from those of the whole picture, and so do the
  /// probabilities: take at least twice the length that `Preprocessing` resizes to, and measure the
  /// accuracy with the option that is used. Other formats and small pictures are not changed.
  public var scaledSide: Int?

  /// Options from their parts; the defaults suit classification of files that are trusted.
  public init(
    appliesOrientation: Bool = true, background: RGBColor? = .white,
    maximumPixels: Int = 100_000_000, maximumFileSize: Int = PictureDecoder.maximumFileSize,
    allowsTruncated: Bool = false, scaledSide: Int? = nil
  ) {
    self.appliesOrientation = appliesOrientation
    self.background = background
    self.maximumPixels = maximumPixels
    self.maximumFileSize = maximumFileSize
    self.allowsTruncated = allowsTruncated
    self.scaledSide = scaledSide
  }

  /// Limits for pictures from senders that are not trusted, such as the clients of a service: at
  /// most 4096 x 4096 pixels, enough for the 12 megapixels of most phones, and files of 16 MB.
  ///
  /// A small file can hold many pixels: 8 kB are enough for a PNG of 8192 x 8192. With these limits a
  /// picture takes at most 180 MB while it is decoded (measured; a progressive JPEG of four
  /// components), a WebP at most 130 MB and any other at most 100 MB. So 200 MB for each picture that
  /// is decoded at the same time are enough.
  public static let untrusted = DecodingOptions(
    maximumPixels: 4096 * 4096, maximumFileSize: 16 << 20)
}

extension DecodingOptions: Codable {
  private enum CodingKeys: CodingKey {
    case appliesOrientation, background, allowsTruncated, scaledSide
  }

  /// Decodes the options that decide the pixels; the limits get their defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      appliesOrientation: try container.decode(Bool.self, forKey: .appliesOrientation),
      background: try container.decodeIfPresent(RGBColor.self, forKey: .background),
      allowsTruncated: try container.decode(Bool.self, forKey: .allowsTruncated),
      scaledSide: try container.decodeIfPresent(Int.self, forKey: .scaledSide))
  }

  /// Encodes the options that decide the pixels. Without `scaledSide` there is no key for it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(appliesOrientation, forKey: .appliesOrientation)
    try container.encodeIfPresent(background, forKey: .background)
    try container.encode(allowsTruncated, forKey: .allowsTruncated)
    try container.encodeIfPresent(scaledSide, forKey: .scaledSide)
  }
}
