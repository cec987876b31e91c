import ArgumentParser
import CNNImage
import CNNSystem

/// The flags that say how picture files are read; the same for every verb that runs a network on
/// pictures.
struct ReadingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Pictures computed at once.", valueName: "count"))
  var batchSize = 8

  @Flag(help: "Use pixels as stored, without rotating them as the EXIF orientation says.")
  var ignoreOrientation = false

  @Option(
    help: ArgumentHelp(
      "Colour behind transparent pixels, as six hexadecimal digits.", valueName: "rrggbb"))
  var background: RGBColor = .white

  @Option(help: ArgumentHelp("Refuse pictures with more pixels.", valueName: "count"))
  var maxPixels = DecodingOptions().maximumPixels

  @Option(
    help: ArgumentHelp(
      "Have the JPEG decoder scale large photos down to 1/2, 1/4 or 1/8 while both sides keep at "
        + "least this many pixels: faster, with slightly different results.", valueName: "pixels"))
  var scaledSide: Int?

  @Flag(help: "Use the readable part of a truncated picture, with a warning.")
  var allowTruncated = false

  @Flag(name: .shortAndLong, help: "No progress and no notes on the terminal.")
  var quiet = false

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
    if maxPixels < 1 { throw ValidationError("--max-pixels must be at least 1") }
    if let scaledSide, scaledSide < 1 { throw ValidationError("--scaled-side must be at least 1") }
  }

  /// How files are decoded.
  var decoding: DecodingOptions {
    var options = DecodingOptions()
    options.appliesOrientation = !ignoreOrientation
    options.background = background
    options.maximumPixels = maxPixels
    options.allowsTruncated = allowTruncated
    options.scaledSide = scaledSide
    return options
  }
}

/// The pictures that a verb runs a network on, and how they are read.
struct PictureOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Picture files (\(PictureFormat.alternatives)), folders (with their subfolders), or - for a "
        + "list of files on standard input, one a line.", valueName: "pictures"),
    completion: .file())
  var pictures: [PathArgument]

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    if pictures.isEmpty { throw ValidationError("Name at least one picture, folder, or -") }
  }
}

extension RGBColor: ExpressibleByArgument {
  /// `ffffff` or `#ffffff`.
  public init?(argument: String) {
    let digits = argument.hasPrefix("#") ? String(argument.dropFirst()) : argument
    guard digits.count == 6, let value = UInt32(digits, radix: 16) else { return nil }
    self.init(
      red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
  }

  /// Shown as the default in the help.
  public var defaultValueDescription: String { self == .white ? "ffffff" : "\(self)" }
}
