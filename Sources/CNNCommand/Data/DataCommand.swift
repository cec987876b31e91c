import ArgumentParser
import CNNKit
import CNNSystem
import CNNTraining
import SystemPackage

/// `cnn data`: checks data sets and splits them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Check a data set, or split it into pictures for training and for validation.",
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

/// The argument and the flag that name a data set and its classes.
struct DataSetOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A folder of pictures, a list, or MNIST's idx files; see cnn data --help.",
      valueName: "data"), completion: .file())
  var data: PathArgument

  @Option(
    help: ArgumentHelp(
      "The order of the classes: a file with one name a line. Without it they are sorted by name.",
      valueName: "file"), completion: .file())
  var labels: PathArgument?

  /// The data set at the path; notes on standard error say what was found.
  func source() throws(CNNError) -> DataSource {
    let names = try labels.map { (argument) throws(CNNError) in
      try ClassOrder(argument.path).names
    }
    let source = try DataSource(at: data.path, classNames: names)
    Diagnostics.note("\(source)")
    for note in source.notes { Diagnostics.note(note) }
    return source
  }
}

/// The names of the classes of a data set, in the order of a file.
struct ClassOrder {
  /// One name for each class.
  let names: [String]

  /// Reads the file.
  ///
  /// - Throws: a `data` error for what are no labels, and where two classes have the same name: a
  ///   picture of that name would belong to both.
  init(_ path: FilePath) throws(CNNError) {
    names = try LabelSet(contentsOf: path).labels.map(\.name)
    var indices: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard let first = indices.updateValue(index, forKey: name) else { continue }
      throw CNNError(
        .data, .corrupt, "two classes have the same name", subject: path.displayName,
        found: "\"\(name.printable)\" as class \(first) and class \(index)",
        expected: "a name of its own for each class")
    }
  }
}
