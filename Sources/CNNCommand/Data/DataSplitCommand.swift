import ArgumentParser
import CNNSystem
import CNNTraining
import SystemPackage

/// `cnn data split`: writes `train.txt` and `val.txt`.
struct DataSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Write train.txt and val.txt: an exact, stratified split, decided by a seed.",
    usage: "cnn data split [<options>] <data>",
    discussion: """
      EXAMPLES
        cnn data split data/train
        cnn data split photos/ --validation 20 --seed 7 --output lists/

      A line is a picture and its class: data/train/dog.7412.jpg 1. The names of the
      classes are written to classes.txt beside the lists, in the order of their
      numbers. The same pictures and the same seed give the same lists on every
      machine.
      """)

  @OptionGroup var dataSet: DataSetOptions

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("The folder for the lists; it exists.", valueName: "folder"),
    completion: .directory)
  var output: PathArgument?

  @Option(
    help: ArgumentHelp("Pictures set apart for validation, in percent.", valueName: "percent"))
  var validation = 100 * DataSplit.usualValidationShare

  @Option(help: ArgumentHelp("Another seed chooses other pictures.", valueName: "number"))
  var seed: UInt64 = 0

  @Flag(help: "Replace lists that are there already.")
  var force = false

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard validation > 0, validation < 100 else {
      throw ValidationError("--validation must be more than 0 and less than 100")
    }
  }

  private struct Record: Encodable {
    struct Part: Encodable {
      let list: String
      let count: Int
      let classes: [String: Int]
    }

    let seed: UInt64
    let classes: [String]
    let train: Part
    let validation: Part
  }

  func run() throws {
    let source = try dataSet.source()
    if let given = source.validation {
      throw CNNError(
        .data, .mismatch, "this data set is split already", subject: source.path.displayName,
        found: "\(source.training.count) pictures for training and \(given.count) for validation",
        remedy: "Name the folder with the pictures to split")
    }
    let split = try DataSplit(
      source.training, validationShare: validation / 100, seed: seed)
    let folder = output?.path ?? FilePath(".")
    try checkReplacing(folder)
    try split.write(to: folder)
    try report(split, folder)
  }

  /// Refuses to overwrite lists without `--force`: a training may depend on them.
  private func checkReplacing(_ folder: FilePath) throws(CNNError) {
    guard !force else { return }
    for name in [DataSplit.trainingListName, DataSplit.validationListName] {
      let path = folder.appending(name)
      do {
        _ = try InputFile(path, domain: .output)
      } catch {
        if error.code == .notFound { continue }
      }
      throw CNNError(
        .output, .cannotWrite, "there is such a list already", subject: path.displayName,
        remedy: "Pass --force to replace it, or --output with another folder")
    }
  }

  private func report(_ split: DataSplit, _ folder: FilePath) throws(CNNError) {
    let names = split.training.classNames
    func part(_ dataSet: DataSet, _ name: String) -> Record.Part {
      Record.Part(
        list: folder.appending(name).exactName, count: dataSet.count,
        classes: Dictionary(zip(names, dataSet.countsByClass)) { first, _ in first })
    }
    try LineWriter.printResult(
      Record(
        seed: seed, classes: names, train: part(split.training, DataSplit.trainingListName),
        validation: part(split.validation, DataSplit.validationListName)),
      asJSON: json, or: table(of: split, folder))
  }

  private func table(of split: DataSplit, _ folder: FilePath) -> [String] {
    var table = TextTable([
      ("class", .right), ("name", .left), ("train", .right), ("validation", .right),
    ])
    let counts = zip(split.training.countsByClass, split.validation.countsByClass)
    for (index, (training, validation)) in counts.enumerated() {
      table.add([
        "\(index)", split.training.classNames[index], NumberText.grouped(training),
        NumberText.grouped(validation),
      ])
    }
    table.add([
      "", "all", NumberText.grouped(split.training.count),
      NumberText.grouped(split.validation.count),
    ])
    let paths = [DataSplit.trainingListName, DataSplit.validationListName]
      .map { folder.appending($0).displayName }
    return table.lines(for: .output) + ["", "written: \(paths.joined(separator: ", "))"]
  }
}
