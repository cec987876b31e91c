internal import CNNSystem

/// What a file that is neither JPEG nor PNG holds, for a message that helps.
struct ForeignContent {
  /// Nil where the bytes do not show it.
  private let kind: FileKind?

  /// Looks at the first bytes.
  init(of bytes: Bytes) { kind = FileKind(of: bytes) }

  /// One clear line.
  var error: CNNError {
    let problem =
      switch kind {
      case .picture(let format)?: "\(format) is not supported; JPEG and PNG are"
      case let kind?: "this is \(kind.noun), not a picture"
      case nil: "this is not a picture of a known format"
      }
    return CNNError(.picture, .unsupported, problem, remedy: remedy)
  }

  /// What to do about it, as a sentence.
  private var remedy: CNNError.Remedy {
    switch kind {
    case .picture("HEIC"), .picture("AVIF"):
      "Convert it, for example with libheif: `heif-convert FILE picture.jpg`"
    case .picture: "Convert it, for example with ImageMagick: `magick FILE picture.png`"
    case .video: "Take a frame out of it first"
    case .archive: "Unpack it first"
    case .numPyArray: "Pass the picture itself"
    case .pdf: "Turn the page into PNG first: `pdftoppm -png FILE page`"
    case .svg: "Render it first: `rsvg-convert FILE -o picture.png`"
    case .lfsPointer: "Run `git lfs pull` to fetch the picture itself"
    case .webPage, .json:
      "A server probably answered with an error instead of the picture: fetch it again"
    case .xml: "Fetch the picture again"
    case .zeros: "Copying it was probably interrupted: fetch it again"
    case .program, .text, nil: "JPEG and PNG are supported"
    }
  }
}
