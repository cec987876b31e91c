internal import CNNSystem

/// What a picture file states around its pixels, read without decoding them.
///
/// There is one extension for each format. They read up to what is stated here; damage after that,
/// and damage in the pixels, is for the decoder to report.
struct PictureStructure {
  /// The size and depth that the header states.
  struct Frame: Hashable {
    let width: Int
    let height: Int
    let bitsPerComponent: Int
    let components: Int
  }

  /// Nil where the file ends before it, or where it is damaged.
  var frame: Frame?
  /// The first Exif block, which is a small TIFF file.
  var exif: Bytes?
  /// Whether there are further frames, which are not decoded.
  var isAnimated = false

  /// The structure of a file of the given format.
  ///
  /// - Throws: `corrupt`, `truncated` or `unsupported` where the damage shows that the decoder would
  ///   refuse the file.
  init(_ bytes: Bytes, _ format: PictureFormat) throws(CNNError) {
    switch format {
    case .jpeg: readJPEG(bytes)
    case .png: try readPNG(bytes)
    case .webP: readWebP(bytes)
    case .gif: readGIF(bytes)
    case .bmp:
      let header = try BMPHeader(bytes)
      frame = Frame(
        width: header.width, height: header.height, bitsPerComponent: header.bitsPerComponent,
        components: header.components)
    }
  }

  /// How the stored pixels have to be turned; `up` where the file does not say.
  var orientation: Orientation { exif.flatMap(Orientation.init(exif:)) ?? .up }
}
