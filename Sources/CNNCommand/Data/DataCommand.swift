import ArgumentParser
import CNNKit
import CNNSystem
import CNNTraining

/// `cnn data`: look at a data set, and split it.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Check a data set, or split it into pictures to train with and to validate on.",
    discussion: """
      EXAMPLES
        cnn data check data/train
        cnn data split data/train --output lists/

      WHAT A DATA SET CAN BE
        a folder of files named by class    cat.0.jpg, dog.1.jpg (Kaggle)
        a folder of folders                 cat/a.jpg, dog/b.jpg
        train/ (and val/, test/) in it      each of them one of the two above
        a list                              path label a line, or CSV: path,label
        MNIST's idx files                   plain or gzipped, in one folder
      """,
    subcommands: [DataCheckCommand.self, DataSplitCommand.self])
}

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
