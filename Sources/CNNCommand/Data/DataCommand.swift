import ArgumentParser

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
