internal import CNNImage
public import CNNSystem
public import CNNTraining
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The folder of a run: what lies where.
public struct RunFolder: Sendable, Hashable {
  /// The folder.
  public let path: FilePath

  /// The folder `path`, which need not exist yet.
  public init(_ path: FilePath) { self.path = path }

  /// The folder of a file URL, which need not exist yet.
  ///
  /// - Throws: `unsupported` for URLs of other schemes.
  public init(_ url: URL) throws(CNNError) { self.init(try FilePath(fileURL: url)) }

  /// What the run was started with.
  public var manifest: FilePath { path.appending(RunRecord.fileName) }
  /// A line a step and a line an epoch.
  public var log: FilePath { path.appending("log.csv") }
  /// The newest checkpoint: a model file that also holds the optimiser's state.
  public var last: FilePath { path.appending("last.safetensors") }
  /// The checkpoint before that one.
  public var previous: FilePath { path.appending("previous.safetensors") }
  /// The model of the epoch with the best validation.
  public var best: FilePath { path.appending("best.safetensors") }
  /// Curves and confusion matrix.
  public var plots: FilePath { path.appending("plots") }
  /// TensorBoard's event files.
  public var events: FilePath { path.appending("events") }
  /// The whole run on one page.
  public var report: FilePath { path.appending("report.html") }

  /// The lines of the log so far, a record of every step and every epoch; none before the first.
  ///
  /// - Throws: a `data` error where the file cannot be read.
  public func records() throws(CNNError) -> [LogRecord] { try TrainingLog.records(in: log) }

  /// Whether a run has begun there: its pictures are plots, not data.
  var isOne: Bool { RunRecord.isIn(path) }

  var lock: FilePath { path.appending("lock") }

  /// Creates the folder and those in it. Throws `cannotWrite`.
  func create() throws(CNNError) {
    for folder in folders { try Folder.create(at: folder) }
  }

  /// Removes what a killed process has left half made. Precondition: the folder is locked.
  ///
  /// - Throws: `cannotWrite` where something stays.
  func sweep() throws(CNNError) {
    for folder in folders { try AtomicFile.removeAbandoned(in: folder) }
  }

  private var folders: [FilePath] { [path, plots, events] }

  /// The checkpoints that are there, readable or not, the newest first.
  var checkpoints: [FilePath] { [last, previous].filter(Folder.isFile) }

  /// Every model file of a run.
  var models: [FilePath] { [last, previous, best] }

  /// Writes the lists of a split, unless there are pictures that are in no file.
  ///
  /// - Throws: `cannotWrite`.
  func writeLists(_ split: DataSplit) throws(CNNError) {
    let pictures = split.training.pictures + split.validation.pictures
    guard pictures.allSatisfy({ $0.source.listedPath != nil }) else { return }
    try split.write(to: path)
  }

  /// The lists of the split, and the names of its classes.
  var lists: [FilePath] {
    [DataSplit.trainingListName, DataSplit.validationListName, ClassNamesFile.name]
      .map { path.appending($0) }
  }

  /// Removes what a run has written, but for its record and its lists, which another replaces.
  ///
  /// - Throws: `cannotWrite` where something stays.
  func clear() throws(CNNError) {
    // The checkpoints first: without them the rest is no run that could be resumed.
    for file in models + [log, report] + PlotFiles(in: plots).all {
      try Folder.remove(file)
    }
    try clearEvents()
  }

  /// Removes TensorBoard's files; others that lie there are not the run's.
  ///
  /// - Throws: `cannotWrite` where something stays.
  func clearEvents() throws(CNNError) {
    for file in try Folder.files(below: events, domain: .output)
    where file.removingLastComponent() == events
      && file.lastComponent?.string.hasPrefix(EventFile.namePrefix) == true
    {
      try Folder.remove(file)
    }
  }
}

extension RunFolder {
  /// How a run uses its folder; nothing of it decides the result.
  public struct Options: Sendable {
    /// The command line, for the record of the run.
    public var command: String
    /// Whether an earlier run in the folder is forgotten instead of resumed.
    public var startsFresh: Bool
    /// Store only what is trained, and find the rest again in this weights file by its hash; nil
    /// stores whole models.
    public var headOnlyBase: FilePath?

    /// Options from their parts; see the properties.
    public init(command: String = "", startsFresh: Bool = false, headOnlyBase: FilePath? = nil) {
      self.command = command
      self.startsFresh = startsFresh
      self.headOnlyBase = headOnlyBase
    }
  }
}
