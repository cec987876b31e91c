internal import CNNImage
public import CNNSystem
public import SystemPackage

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The data sets that were found at a path, and how they are laid out there.
///
///     let source = try DataSource(at: "data")
///     print(source)   // data/train: 6000 pictures of 2 classes (cat: 3000, dog: 3000), ...
public struct DataSource: Sendable {
  /// How the pictures and their classes are laid out.
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// Files whose names begin with the class, as Kaggle's `cat.0.jpg`.
    case namedFiles = "files named by class"
    /// A folder for each class.
    case classFolders = "a folder for each class"
    /// A list of paths and labels.
    case list = "a list"
    /// MNIST's files.
    case idx = "idx files"
  }

  /// Where `training` was found.
  public let path: FilePath
  /// Its layout.
  public let form: Form
  /// The pictures to train with; those for validation are still among them unless `validation` is
  /// given.
  public let training: DataSet
  /// Pictures that the source sets apart for validation: a folder `val`, a list `val.txt`.
  public let validation: DataSet?
  /// Pictures that the source sets apart for the last test: a folder `test`, MNIST's `t10k`.
  public let test: DataSet?
  /// Remarks for the user about how the path was read, a sentence each.
  public let notes: [String]

  /// Finds out what is at a path and reads it; pictures themselves are not opened.
  ///
  /// A file is a list or an idx file. In a folder these are searched for, in this order: `train.txt` and
  /// `val.txt`; MNIST's four idx files; a sub-folder `train`, with `val` and `test` beside it;
  /// pictures named by class; a sub-folder for each class.
  ///
  /// - Parameter classNames: the order of the classes; nil sorts their names.
  /// - Throws: a `data` error that says what was found instead, or lists what cannot be used.
  public init(at path: FilePath, classNames: [String]? = nil) throws(CNNError) {
    let reader = DataSourceReader(classNames: classNames)
    self = try Folder.exists(at: path) ? reader.folder(path) : reader.file(path)
  }

  /// The same for a file URL.
  ///
  /// - Throws: as `init(at:classNames:)`; `unsupported` for URLs of other schemes.
  public init(at url: URL, classNames: [String]? = nil) throws(CNNError) {
    try self.init(at: FilePath(fileURL: url), classNames: classNames)
  }

  init(
    path: FilePath, form: Form, training: DataSet, validation: DataSet? = nil,
    test: DataSet? = nil, notes: [String] = []
  ) {
    self.path = path
    self.form = form
    self.training = training
    self.validation = validation
    self.test = test
    self.notes = notes
  }

  /// Everything that is set apart or not, as one data set.
  public var all: DataSet {
    DataSet(
      classNames: training.classNames,
      pictures: training.pictures + (validation?.pictures ?? []) + (test?.pictures ?? []))
  }
}

extension DataSource: CustomStringConvertible {
  /// `train: 6000 pictures of 2 classes (cat: 3000, dog: 3000), files named by class; test: ...`.
  public var description: String {
    var text = "\(path.displayName): \(training), \(form.rawValue)"
    if let validation { text += "; \(validation.count) more for validation" }
    if let test { text += "; \(test.count) more for the test" }
    return text
  }
}
