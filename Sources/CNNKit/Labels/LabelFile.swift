internal import CNNSystem
internal import SystemPackage

/// Reads class labels in the forms in which people have them, told apart by content:
///
/// - one name a line, in index order, with or without a synset before it (`n01440764 tench`);
/// - synsets alone, whose names are those of ImageNet where it has them;
/// - lines that begin with their own index (`0 tench`, `0: tench`, `0,tench`), in any order;
/// - comma-separated values with a header (`index,label`);
/// - JSON or Python: a list of names, a table from index to name (`{0: 'tench'}`), from index to
///   synset and name (Keras's `imagenet_class_index.json`), or from name to index
///   (`{"cat": 0}`), also as `id2label` or `label2id` inside of a configuration.
///
/// The text is UTF-8, or UTF-16 with a byte order mark.
struct LabelFile {
  private let path: FilePath

  /// Files of labels are small: ImageNet's 21,841 names are less than 2 MB.
  private static let mostBytes = 16 << 20

  init(_ path: FilePath) { self.path = path }

  /// The labels in index order.
  ///
  /// - Throws: a `data` error that names the file and, where it can, the line.
  func labels() throws(CNNError) -> [ClassLabel] {
    let text = try text()
    let first = text.first { !$0.isWhitespace }
    let entries =
      first == "{" || first == "["
      ? try literalEntries(text) : try lineEntries(text)
    guard !entries.isEmpty else {
      throw failure(.empty, "the file holds no labels", remedy: Self.plainForm)
    }
    for entry in entries where entry.name.isEmpty {
      throw failure(.corrupt, "a label is empty", line: entry.line, remedy: Self.plainForm)
    }
    for entry in entries where !entry.name.isPlainText || entry.synset?.isPlainText == false {
      throw failure(.corrupt, "a label holds control characters", line: entry.line)
    }
    return entries.enumerated().map {
      ClassLabel(index: $0, name: $1.name, synset: $1.synset)
    }
  }

  /// A label that has been read, and where it stood.
  private struct Entry {
    var name: String
    var synset: String?
    var line: Int?
  }

  private static let plainForm: CNNError.Remedy = "Write one name a line, in index order"

  private func failure(
    _ code: CNNError.Code, _ problem: String, line: Int? = nil, found: String? = nil,
    expected: String? = nil, remedy: CNNError.Remedy? = nil
  ) -> CNNError {
    CNNError(
      .data, code, problem, subject: path.displayName, at: line.map { .line($0) }, found: found,
      expected: expected, remedy: remedy)
  }

  // MARK: Text

  private func text() throws(CNNError) -> String {
    let contents = try InputFile(path, domain: .data).read(limit: Self.mostBytes)
    let bytes = contents.array
    if let text = Self.utf16(bytes) { return text }
    guard !bytes.contains(0) else {
      throw failure(
        .unsupported, "this is \(FileKind(of: contents)?.noun ?? "not a text file")",
        expected: "class names")
    }
    // A byte order mark, as some editors put it before a text, is no part of the first name.
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      // Each line ends at a byte 10 in every encoding that has ASCII in it.
      let lines = body.split(separator: 10, omittingEmptySubsequences: false)
      let odd = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
      throw failure(
        .corrupt, "the labels are not UTF-8", line: odd.map { $0 + 1 },
        remedy: "Save the file as UTF-8 text")
    }
    return text
  }

  /// UTF-16, which is recognised by its byte order mark.
  private static func utf16(_ bytes: [UInt8]) -> String? {
    let isBig = bytes.starts(with: [0xFE, 0xFF])
    guard isBig || bytes.starts(with: [0xFF, 0xFE]), bytes.count.isMultiple(of: 2) else {
      return nil
    }
    let units = stride(from: 2, to: bytes.count, by: 2).map { index in
      UInt16(bytes[isBig ? index : index + 1]) << 8 | UInt16(bytes[isBig ? index + 1 : index])
    }
    return String(validating: units, as: UTF16.self)
  }

  // MARK: Lines

  private func lineEntries(_ text: String) throws(CNNError) -> [Entry] {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    if let blank = lines.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw failure(.corrupt, "a label is empty", line: blank + 1, remedy: Self.plainForm)
    }
    if let entries = try tableEntries(lines) { return entries }
    if let entries = Self.numberedEntries(lines) { return entries }
    return lines.enumerated().map { Self.entry(line: $1, number: $0 + 1) }
  }

  /// `n01440764 tench, Tinca tinca`, `n01440764` or `tench`.
  private static func entry(line: Substring, number: Int?) -> Entry {
    let parts = line.split(maxSplits: 1) { $0 == " " || $0 == "\t" }
    guard let first = parts.first, isSynset(first) else {
      return Entry(name: String(line), line: number)
    }
    let synset = String(first)
    let name = parts.count == 2 ? trimmed(parts[1]) : imageNetNames[synset] ?? synset
    return Entry(name: name, synset: synset, line: number)
  }

  private static func isSynset(_ word: Substring) -> Bool {
    word.utf8.count == 9 && word.first == "n"
      && word.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  private static let imageNetNames: [String: String] = Dictionary(
    LabelSet.imageNet.labels.map { label in (label.synset ?? label.name, label.name) },
    uniquingKeysWith: { first, _ in first })

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// Lines of which each begins with an index, such that the indices are 0, 1, 2 ... or 1, 2, 3 ...
  /// in some order; nil for other lines. So a class that is called `3 doors` stays one.
  private static func numberedEntries(_ lines: [Substring]) -> [Entry]? {
    var numbered: [(index: Int, entry: Entry)] = []
    for (number, line) in lines.enumerated() {
      let digits = line.prefix { $0.isASCII && $0.isNumber }
      let rest = line.dropFirst(digits.count)
      guard let index = Int(digits), let separator = rest.first,
        " \t:,;.)".contains(separator)
      else { return nil }
      let name = trimmed(rest.drop { " \t:,;.)".contains($0) })
      guard !name.isEmpty else { return nil }
      let entry = self.entry(line: Substring(unquoted(name)), number: number + 1)
      numbered.append((index, entry))
    }
    return ordered(numbered)
  }

  /// A name without the quotation marks around it.
  private static func unquoted(_ text: String) -> String {
    guard text.count > 1, let mark = text.first, mark == text.last, mark == "\"" || mark == "'"
    else { return text }
    return String(text.dropFirst().dropLast())
  }

  /// The entries by index, where the indices are those of a list that begins at 0 or 1.
  private static func ordered(_ entries: [(index: Int, entry: Entry)]) -> [Entry]? {
    let sorted = entries.sorted { $0.index < $1.index }
    guard let first = sorted.first?.index, first == 0 || first == 1,
      sorted.enumerated().allSatisfy({ $1.index == first + $0 })
    else { return nil }
    return sorted.map(\.entry)
  }

  // MARK: Comma-separated values

  /// What a header calls the columns, in lower case.
  private static let indexTitles: Set<String> = [
    "index", "id", "idx", "number", "class_id", "classid", "class_index", "class_idx", "label_id",
    "label_index", "class id", "class index",
  ]
  private static let nameTitles: Set<String> = [
    "label", "labels", "name", "names", "class", "classes", "class_name", "classname",
    "label_name", "category", "title", "description", "class name",
  ]
  private static let synsetTitles: Set<String> = ["synset", "wnid", "wordnet_id", "synset_id"]

  /// The labels of a table with a header that names its columns; nil for text without one.
  ///
  /// - Throws: where the header is there and the rows do not fit it.
  private func tableEntries(_ lines: [Substring]) throws(CNNError) -> [Entry]? {
    guard let header = lines.first, lines.count > 1,
      let separator = [",", ";", "\t"].first(where: { header.contains($0) })?.first
    else { return nil }
    let titles = Self.cells(header, separator).map { $0.lowercased() }
    let known = Self.indexTitles.union(Self.nameTitles).union(Self.synsetTitles)
    guard titles.count(where: known.contains) > 1 else { return nil }
    let rows = lines.dropFirst().map { Self.cells($0, separator) }
    if let odd = rows.firstIndex(where: { $0.count != titles.count }) {
      throw failure(
        .corrupt, "a row does not have the columns of the header", line: odd + 2,
        found: "\(rows[odd].count)", expected: "\(titles.count)",
        remedy: "Put names that hold a comma in quotation marks")
    }
    // Titles alone do not tell: in `label,name` the label is the index.
    let indexColumn = titles.indices.first { column in
      (Self.indexTitles.contains(titles[column]) || Self.nameTitles.contains(titles[column]))
        && rows.allSatisfy { Int($0[column]) != nil }
    }
    let synsetColumn = titles.firstIndex(where: Self.synsetTitles.contains)
    let nameColumn = titles.indices.last {
      $0 != indexColumn && Self.nameTitles.contains(titles[$0])
    }
    guard let textColumn = nameColumn ?? synsetColumn else { return nil }
    let entries = rows.enumerated().map { row, cells -> (index: Int, entry: Entry) in
      let text = cells[textColumn]
      let name = textColumn == synsetColumn ? Self.imageNetNames[text] ?? text : text
      let synset = synsetColumn.map { cells[$0] }
      return (
        indexColumn.flatMap { Int(cells[$0]) } ?? row,
        Entry(name: name, synset: synset, line: row + 2)
      )
    }
    return try Self.ordered(entries).or { () throws(CNNError) in throw self.indexFailure }
  }

  private var indexFailure: CNNError {
    failure(
      .corrupt, "the indices of the labels are not 0, 1, 2 ... without gaps",
      remedy: Self.plainForm)
  }

  /// The cells of a line as RFC 4180 has them: in quotation marks, two marks stand for one.
  private static func cells(_ line: Substring, _ separator: Character) -> [String] {
    var cells = [""]
    var isQuoted = false
    var rest = line
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        rest.removeFirst()
        cells[cells.count - 1].append(character)
      case "\"": isQuoted.toggle()
      case separator where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
    }
    return cells.map { trimmed($0[...]) }
  }

  // MARK: JSON and Python

  private func literalEntries(_ text: String) throws(CNNError) -> [Entry] {
    let literal: LabelLiteral
    do {
      literal = try LabelLiteral(text)
    } catch {
      throw failure(
        .corrupt, "the labels are no JSON and no Python literal: \(error.problem)",
        line: error.line)
    }
    switch literal {
    case .list(let values):
      let entries = values.compactMap(Self.entry)
      if entries.count == values.count { return entries }
    case .table(let pairs):
      return try tableEntries(pairs)
    default: break
    }
    throw literalFailure
  }

  private func tableEntries(
    _ pairs: [(key: LabelLiteral, value: LabelLiteral)]
  ) throws(CNNError) -> [Entry] {
    // A configuration has the table under a key of its own.
    for key in ["id2label", "label2id"] {
      let value = pairs.first { $0.key.asText == key }?.value
      if case .table(let inner) = value { return try tableEntries(inner) }
    }
    let byIndex = pairs.compactMap { pair in
      pair.key.asIndex.flatMap { index in Self.entry(pair.value).map { (index, $0) } }
    }
    if byIndex.count == pairs.count {
      return try Self.ordered(byIndex).or { () throws(CNNError) in throw self.indexFailure }
    }
    let byName = pairs.compactMap { pair -> (Int, Entry)? in
      guard case .integer(let index) = pair.value, let name = pair.key.asText else { return nil }
      return (index, Entry(name: name))
    }
    guard byName.count == pairs.count else { throw literalFailure }
    return try Self.ordered(byName).or { () throws(CNNError) in throw self.indexFailure }
  }

  private var literalFailure: CNNError {
    failure(
      .unsupported, "the JSON is no list of labels",
      expected: #"["cat", "dog"], {"0": "cat", "1": "dog"} or {"cat": 0, "dog": 1}"#)
  }

  /// A name, a pair of synset and name, or an object with `name` and perhaps `synset`.
  private static func entry(_ value: LabelLiteral) -> Entry? {
    switch value {
    case .text(let text):
      return entry(line: text[...], number: nil)
    case .integer(let number):
      return Entry(name: "\(number)")
    case .list(let values):
      guard values.count == 2, let synset = values[0].asText, let name = values[1].asText,
        isSynset(synset[...])
      else { return nil }
      return Entry(name: name, synset: synset)
    case .table(let pairs):
      func value(_ name: String) -> String? {
        pairs.first { $0.key.asText == name }?.value.asText
      }
      return value("name").map { Entry(name: $0, synset: value("synset")) }
    case .other: return nil
    }
  }
}
