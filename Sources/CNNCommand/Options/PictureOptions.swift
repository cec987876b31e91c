import ArgumentParser

/// The flags and arguments that say which pictures are read, and how.
struct PictureOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "JPEG and PNG files, folders (with all below them), or - for a list on standard input, one a "
        + "line.", valueName: "pictures"), completion: .file())
  var pictures: [PathArgument]

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    if pictures.isEmpty { throw ValidationError("Name at least one picture, folder, or -") }
  }
}
