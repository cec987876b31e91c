public import CNNSystem
public import SystemPackage

extension DataSplit {
  /// The list of the pictures to train with.
  public static let trainingListName = "train.txt"
  /// The list of the pictures to validate on.
  public static let validationListName = "val.txt"

  /// Reads `train.txt`, `val.txt` and, where it is there, `classes.txt` from a folder.
  ///
  /// - Parameter classNames: nil means those of `classes.txt`, or the labels themselves where there is
  ///   no such file.
  /// - Throws: as `DataSource` for lists.
  public init(
    readingFrom folder: FilePath, classNames: [String]? = nil
  ) throws(CNNError) {
    let first = try ListFile(folder.appending(Self.trainingListName))
      .dataSet(classNames: classNames)
    let second = try ListFile(folder.appending(Self.validationListName))
      .dataSet(classNames: first.classNames)
    self.init(training: first, validation: second)
  }

  /// Writes `train.txt`, `val.txt` and `classes.txt` into a folder, which exists: a line a picture,
  /// such as `data/train/dog.7412.jpg 1`.
  ///
  /// - Throws: `cannotWrite`; `unsupported` where a picture is in no file.
  public func write(to folder: FilePath) throws(CNNError) {
    let parts = [(Self.trainingListName, training), (Self.validationListName, validation)]
    let texts = try parts.map { (name, part) throws(CNNError) in
      (folder.appending(name), try Self.text(of: part))
    }
    try ClassNamesFile.write(training.classNames, to: folder)
    for (path, text) in texts {
      var file = try AtomicFile(path)
      try file.write(text)
      try file.commit()
    }
  }

  /// The lines of one list.
  private static func text(of dataSet: DataSet) throws(CNNError) -> [UInt8] {
    var text: [UInt8] = []
    for picture in dataSet.pictures {
      guard let path = picture.source.listedPath else {
        throw CNNError(
          .data, .unsupported, "a picture that is in no file cannot be listed",
          subject: picture.source.name)
      }
      text += ListSyntax.textField(path) + Array(" \(picture.classIndex)\n".utf8)
    }
    return text
  }
}
