internal import CNNSystem
internal import SystemPackage

/// `classes.txt` beside a list: the names of the classes, one a line, in index order. It keeps
/// the names that the numbers in a list stand for. A name that begins or ends with a blank, or holds
/// what a line cannot, stands in quotes as in a list.
package enum ClassNamesFile {
  package static let name = "classes.txt"

  /// The names in the file beside `list`; nil where there is none.
  ///
  /// - Throws: `corrupt` for an empty name, one that stands twice, or bytes that are not UTF-8.
  static func read(beside list: FilePath) throws(CNNError) -> [String]? {
    let path = list.removingLastComponent().appending(name)
    let bytes: [UInt8]
    do {
      bytes = try InputFile(path, domain: .data).read(limit: 16 << 20).array
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    var seen: Set<String> = []
    var names: [String] = []
    for (index, line) in ListSyntax.lines(of: bytes).enumerated() {
      let text = (try? ListSyntax.nameField(line)).flatMap { String(validating: $0, as: UTF8.self) }
      guard let text, !text.isEmpty, seen.insert(text).inserted else {
        throw CNNError(
          .data, .corrupt, "a class name is empty, not UTF-8, or there twice",
          subject: path.displayName, at: .line(index + 1))
      }
      names.append(text)
    }
    return names
  }

  /// Writes the file. Throws `cannotWrite`.
  static func write(_ names: [String], to folder: FilePath) throws(CNNError) {
    var file = try AtomicFile(folder.appending(name))
    try file.write(names.flatMap { ListSyntax.nameField($0) + [0x0A] })
    try file.commit()
  }
}
