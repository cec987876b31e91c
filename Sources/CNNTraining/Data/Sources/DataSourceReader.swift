internal import CNNImage
internal import CNNSystem
internal import SystemPackage

/// Finds out what a path holds; see `DataSource.init(at:classNames:)`.
struct DataSourceReader {
  let classNames: [String]?

  // MARK: A file

  func file(_ path: FilePath) throws(CNNError) -> DataSource {
    _ = try InputFile(path, domain: .data)
    if IDXFile.isIDX(path, rank: 3) { return try idx(pictures: path) }
    guard !PictureFormat.isCandidate(path) else {
      throw CNNError(
        .data, .unsupported, "this is one picture, not a data set", subject: path.displayName,
        expected: "a folder of pictures, a list, or an idx file")
    }
    return DataSource(
      path: path, form: .list, training: try ListFile(path).dataSet(classNames: classNames))
  }

  private func idx(pictures path: FilePath) throws(CNNError) -> DataSource {
    let name = path.lastComponent?.string ?? ""
    guard let labels = Self.labelsFile(for: path) else {
      throw CNNError(
        .data, .notFound, "the labels of this idx file are not beside it",
        subject: path.displayName,
        expected: "the same name with labels for images, such as "
          + Self.replacing("images", by: "labels", in: Self.replacing("idx3", by: "idx1", in: name))
      )
    }
    let dataSet = try IDXPictures(path).dataSet(labels: labels, classNames: classNames)
    return DataSource(path: path, form: .idx, training: dataSet)
  }

  private static func labelsFile(for path: FilePath) -> FilePath? {
    guard let name = path.lastComponent?.string else { return nil }
    let plain = replacing("images", by: "labels", in: replacing("idx3", by: "idx1", in: name))
    let other = plain.hasSuffix(".gz") ? String(plain.dropLast(3)) : plain + ".gz"
    let folder = path.removingLastComponent()
    return [plain, other].map { folder.appending($0) }
      .first { $0 != path && IDXFile.isIDX($0, rank: 1) }
  }

  private static func replacing(_ old: String, by new: String, in text: String) -> String {
    text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
  }

  // MARK: A folder

  func folder(_ path: FilePath) throws(CNNError) -> DataSource {
    let content = try FolderContent(path)
    if let source = try lists(content) { return source }
    if let source = try idxFiles(content) { return source }
    if let source = try parts(content) { return source }
    return try pictures(content)
  }

  private func lists(_ content: FolderContent) throws(CNNError) -> DataSource? {
    guard
      let training = content.file("train.txt"), let validation = content.file("val.txt")
    else { return nil }
    let first = try ListFile(training).dataSet(classNames: classNames)
    return DataSource(
      path: training, form: .list, training: first,
      validation: try ListFile(validation).dataSet(classNames: first.classNames),
      test: try content.file("test.txt").map { (test) throws(CNNError) in
        try ListFile(test).dataSet(classNames: first.classNames)
      })
  }

  private func idxFiles(_ content: FolderContent) throws(CNNError) -> DataSource? {
    func pictures(_ prefix: String) -> FilePath? {
      content.files.first { path in
        let name = path.lastComponent?.string ?? ""
        return name.hasPrefix(prefix + "-images") && IDXFile.isIDX(path, rank: 3)
      }
    }
    guard let training = pictures("train") else { return nil }
    let source = try idx(pictures: training)
    let names = source.training.classNames
    return DataSource(
      path: training, form: .idx, training: source.training,
      test: try pictures("t10k").map { (path) throws(CNNError) in
        try DataSourceReader(classNames: names).idx(pictures: path).training
      })
  }

  /// Sub-folders `train`, and `val` and `test` if there are any.
  private func parts(_ content: FolderContent) throws(CNNError) -> DataSource? {
    guard let training = content.folder(["train", "training"]) else { return nil }
    // A class of its own may be called train, beside car and ship; a folder of runs is no class.
    for other in content.folders where !FolderContent.isPart(other) {
      guard try pictures(below: other).isEmpty else { return nil }
    }
    let source = try folder(training)
    let same = DataSourceReader(classNames: source.training.classNames)
    var notes = source.notes
    func part(_ names: [String]) throws(CNNError) -> DataSet? {
      guard let path = content.folder(names) else { return nil }
      do {
        return try same.folder(path).training
      } catch {
        guard error.code == .unknown || error.code == .notFound else { throw error }
        notes.append("\(path.displayName) is left out: its pictures have no known classes")
        return nil
      }
    }
    let validation = try part(["val", "valid", "validation"])
    let test = try part(["test", "testing", "test1"])
    return DataSource(
      path: source.path, form: source.form, training: source.training, validation: validation,
      test: test, notes: notes)
  }

  /// Pictures in the folder itself, or in a folder for each class.
  private func pictures(_ content: FolderContent) throws(CNNError) -> DataSource {
    let direct = content.files.filter { PictureFormat.isCandidate($0) }
    let classes = try content.folders.map { (folder) throws(CNNError) in
      (folder, try pictures(below: folder))
    }
    switch (direct.isEmpty, classes.contains { !$0.1.isEmpty }) {
    case (true, false):
      throw CNNError(
        .data, .notFound, "there are no pictures", subject: content.path.displayName,
        found: "\(content.files.count) other files and \(content.folders.count) folders",
        expected: "\(PictureFormat.alternatives) files, folders of them, a list, or idx files")
    case (false, true):
      throw CNNError(
        .data, .unsupported, "there are pictures in the folder itself and in its sub-folders",
        subject: content.path.displayName,
        found: "\(direct.count) and \(classes.reduce(0) { $0 + $1.1.count })",
        expected: "files named by class, or a folder for each class",
        remedy: "Name one of the sub-folders, or write a list")
    case (false, false): return try namedFiles(direct, in: content.path)
    case (true, true): return try classFolders(classes, in: content.path)
    }
  }

  /// Plots of a run are no pictures.
  private func pictures(below folder: FilePath) throws(CNNError) -> [FilePath] {
    try Folder.files(below: folder, domain: .data, skipping: { RunRecord.isIn($0) })
      .filter { PictureFormat.isCandidate($0) }
  }

  private func namedFiles(
    _ files: [FilePath], in folder: FilePath
  ) throws(CNNError) -> DataSource {
    let named = files.map { (source: $0, className: Self.className(of: $0)) }
    let nameless = named.filter { $0.className == nil }
    guard nameless.isEmpty else {
      throw CNNError(
        .data, .unknown, "\(nameless.count) of \(files.count) pictures do not tell their class",
        subject: folder.displayName, expected: "names such as cat.0.jpg",
        remedy: "Put each class into a folder of its own, or write a list",
        details: CNNError.details(of: nameless.map(\.source.displayName)))
    }
    let pictures = named.compactMap { path, name in
      name.map { (source: PictureSource.file(path), className: $0) }
    }
    return DataSource(
      path: folder, form: .namedFiles,
      training: try DataSet(
        named: pictures, classNames: classNames, subject: folder.displayName))
  }

  /// What stands before the first of at least two dots.
  private static func className(of path: FilePath) -> String? {
    let parts = path.lastName.rawBytes
      .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count >= 3, let first = parts.first, !first.isEmpty else { return nil }
    return FilePath(bytes: first).displayName
  }

  private func classFolders(
    _ classes: [(FilePath, [FilePath])], in folder: FilePath
  ) throws(CNNError) -> DataSource {
    let empty = classes.filter { $0.1.isEmpty }.map(\.0.displayName)
    let pictures = classes.flatMap { path, files in
      let name = path.lastName.displayName
      return files.map { (source: PictureSource.file($0), className: name) }
    }
    return DataSource(
      path: folder, form: .classFolders,
      training: try DataSet(
        named: pictures, classNames: classNames, subject: folder.displayName),
      notes: empty.map { "\($0) has no pictures and is no class" }
        + classes.map(\.0).filter(FolderContent.isPart).map {
          "\($0.displayName) is taken for a class, as the folders beside it are"
        })
  }
}
