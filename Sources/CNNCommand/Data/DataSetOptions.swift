import ArgumentParser
import CNNKit
import CNNSystem
import CNNTraining

/// The argument and flags that say which pictures of which classes are meant.
struct DataSetOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A folder of pictures, a list, or MNIST's idx files; see cnn data --help.",
      valueName: "data"), completion: .file())
  var data: PathArgument

  @Option(
    help: ArgumentHelp(
      "The order of the classes: a text file, one name a line. Without it they are sorted by name.",
      valueName: "file"), completion: .file())
  var labels: PathArgument?

  /// What the path holds; a note says what was found.
  func source() throws(CNNError) -> DataSource {
    let names = try labels.map { (argument) throws(CNNError) in
      try LabelSet(contentsOf: argument.path).labels.map(\.name)
    }
    let source = try DataSource(at: data.path, classNames: names)
    Diagnostics.note("\(source)")
    for note in source.notes { Diagnostics.note(note) }
    return source
  }
}
