internal import CNNSystem
internal import SystemPackage

/// A list of pictures and labels: `path label` a line, or CSV.
///
/// All of it is checked before anything is trained: each line, each label, and that each picture
/// is there. One error names the first ten lines that cannot be used, and how many there are.
struct ListFile {
  /// The largest list that is read, in bytes: some millions of pictures.
  static let maximumSize = 1 << 30

  private let path: FilePath
  private let entries: [ListEntry]

  /// Reads a list.
  ///
  /// - Throws: `notFound`, `unreadable`, `empty`; `corrupt` with the lines that cannot be read.
  init(_ path: FilePath) throws(CNNError) {
    self.path = path
    let contents = try InputFile(path, domain: .data).read(limit: Self.maximumSize)
    let bytes = contents.array
    guard !bytes.contains(0) else { throw Self.notAList(path, FileKind(of: contents)) }
    let lines = ListSyntax.lines(of: bytes).enumerated()
      .map { (number: $0 + 1, bytes: ListSyntax.trimmed($1)) }.filter { !$0.bytes.isEmpty }
    let isCSV =
      path.extension?.lowercased() == "csv"
      || lines.first.map { Self.looksLikeCSV($0.bytes) } == true
    var problems: [String] = []
    let entries = isCSV ? Self.csv(lines, &problems) : Self.text(lines, &problems)
    self.entries = entries
    try Self.check(problems, path, "there are lines that cannot be read")
    guard !entries.isEmpty else {
      throw CNNError(
        .data, .empty, "the list names no pictures", subject: path.displayName,
        expected: "lines such as: train/cat.0.jpg 0")
    }
  }

  private static func notAList(_ path: FilePath, _ kind: FileKind?) -> CNNError {
    var error = CNNError(
      .data, .unsupported, "this is \(kind?.noun ?? "not a text file")", subject: path.displayName,
      expected: "a list of pictures, an idx file, or a folder of pictures")
    if case .archive = kind { error.remedy = "Unpack it, and name the folder with the pictures" }
    return error
  }

  /// The data set that the list stands for.
  ///
  /// - Parameter classNames: in index order; nil means those of `classes.txt` beside the list, or the
  ///   labels themselves where there is no such file. With that file, numbers in the list are indices
  ///   of its names.
  /// - Throws: `corrupt`, `unknown` or `notFound` with the lines that cannot be used.
  func dataSet(classNames: [String]?) throws(CNNError) -> DataSet {
    let labels = ListLabels(entries.map { FilePath(bytes: $0.label).displayName })
    let (names, indices, expected) = labels.classes(
      given: classNames, own: try ClassNamesFile.read(beside: path))
    let problems = indices.indices.filter { indices[$0] == nil }.map {
      "line \(entries[$0].line): found \(labels.labels[$0]), expected \(expected)"
    }
    try Self.check(problems, path, "there are labels that cannot be used")
    let pictures = ListedPictures(entries.map(\.path), list: path)
    let sources = try pictures.sources { (missing) throws(CNNError) in
      let problems = missing.map {
        "line \(entries[$0].line): \(FilePath(bytes: entries[$0].path).displayName)"
      }
      try Self.check(
        problems, path, "pictures of the list are not there", code: .notFound,
        remedy: "Paths are relative to the folder you stand in, or to that of the list")
    }
    return DataSet(
      classNames: names,
      pictures: zip(sources, indices.compactMap { $0 }).map { LabelledPicture($0, classIndex: $1) })
  }

  // MARK: Lines

  private typealias Line = (number: Int, bytes: ArraySlice<UInt8>)

  /// A first line with a comma and no blank, outside quotes, is CSV under any name.
  private static func looksLikeCSV(_ line: ArraySlice<UInt8>) -> Bool {
    (try? ListSyntax.textFields(line)) == nil && line.contains(UInt8(ascii: ","))
  }

  private static func text(_ lines: [Line], _ problems: inout [String]) -> [ListEntry] {
    var entries: [ListEntry] = []
    for line in lines {
      do throws(ListSyntax.Problem) {
        let (path, label) = try ListSyntax.textFields(line.bytes)
        entries.append(ListEntry(line: line.number, path: path, label: label))
      } catch {
        problems.append("line \(line.number): \(error.text)")
      }
    }
    return entries
  }

  private static let pathTitles: Set = ["path", "file", "filename", "image", "picture", "id"]
  private static let labelTitles: Set = ["label", "class", "category", "target", "class_index"]

  private static func csv(_ lines: [Line], _ problems: inout [String]) -> [ListEntry] {
    var (pathColumn, labelColumn, columnCount) = (0, 1, 2)
    var entries: [ListEntry] = []
    for (index, line) in lines.enumerated() {
      do throws(ListSyntax.Problem) {
        let fields = try ListSyntax.csvFields(line.bytes)
        let titles = fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
        if index == 0, let path = titles.firstIndex(where: pathTitles.contains),
          let label = titles.firstIndex(where: labelTitles.contains)
        {
          (pathColumn, labelColumn, columnCount) = (path, label, fields.count)
          continue
        }
        guard fields.count == columnCount else {
          throw ListSyntax.Problem(
            text: "\(fields.count) fields where \(columnCount) are expected: path,label")
        }
        let (path, label) = (fields[pathColumn], fields[labelColumn])
        guard !path.isEmpty else { throw ListSyntax.Problem(text: "the path is missing") }
        guard !label.isEmpty else { throw ListSyntax.Problem(text: "the label is missing") }
        entries.append(ListEntry(line: line.number, path: path, label: label))
      } catch {
        problems.append("line \(line.number): \(error.text)")
      }
    }
    return entries
  }

  private static func check(
    _ problems: [String], _ path: FilePath, _ problem: String, code: CNNError.Code = .corrupt,
    remedy: CNNError.Remedy? = nil
  ) throws(CNNError) {
    guard !problems.isEmpty else { return }
    throw CNNError(
      .data, code, "\(problem) (\(problems.count))", subject: path.displayName, remedy: remedy,
      details: CNNError.details(of: problems))
  }
}
