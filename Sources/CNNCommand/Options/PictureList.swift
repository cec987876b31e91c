import CNNImage
import CNNSystem
import SystemPackage

/// The picture files that the arguments of a verb name.
struct PictureList {
  /// The files in the order in which they are processed.
  let paths: [FilePath]
  /// Folders without pictures, or that cannot be opened.
  let failures: [(path: FilePath, error: CNNError)]

  /// Expands files, folders and `-`.
  ///
  /// - Throws: a `data` error for a list that cannot be read or is empty.
  init(_ arguments: [PathArgument]) throws(CNNError) {
    var paths: [FilePath] = []
    var failures: [(path: FilePath, error: CNNError)] = []
    var expanded: [FilePath] = []
    for argument in arguments {
      let isList = argument.path == FilePath("-")
      expanded += isList ? try Self.listOnStandardInput() : [argument.path]
    }
    for path in expanded {
      guard Folder.exists(at: path) else {
        paths.append(path)
        continue
      }
      do {
        paths += try Self.pictures(below: path)
      } catch {
        failures.append((path, error))
      }
    }
    self.paths = paths
    self.failures = failures
  }

  /// The files of a folder that are pictures by content or by name; others, such as a list of
  /// labels, are passed over.
  private static func pictures(below folder: FilePath) throws(CNNError) -> [FilePath] {
    let files = try Folder.files(below: folder, domain: .picture)
    let pictures = files.filter { PictureFormat.isCandidate($0) }
    guard !pictures.isEmpty else {
      throw CNNError(
        .picture, .notFound, "the folder has no pictures", subject: folder.displayName,
        found: files.isEmpty ? "no files" : "\(files.count) other files",
        expected: "\(PictureFormat.alternatives) files")
    }
    return pictures
  }

  /// The names on standard input: one a line, or ended by zero bytes as `find -print0` does.
  private static func listOnStandardInput() throws(CNNError) -> [FilePath] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    do {
      while true {
        let count = try chunk.withUnsafeMutableBytes {
          try FileDescriptor.standardInput.read(into: $0)
        }
        guard count > 0 else { break }
        bytes += chunk[..<count]
      }
    } catch {
      throw CNNError(
        .data, .unreadable, "the list cannot be read: \(error)", subject: "standard input")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw CNNError(
        .data, .unsupported, "the list is UTF-16", subject: "standard input", expected: "UTF-8")
    }
    // A byte order mark, which some editors and shells write, is no part of the first name.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    let separator: UInt8 = bytes.contains(0) ? 0 : 0x0A
    let names = bytes.split(separator: separator).map { line in
      separator == 0x0A && line.last == 0x0D ? line.dropLast() : line
    }.filter { !$0.isEmpty }
    guard !names.isEmpty else {
      throw CNNError(
        .data, .empty, "the list of pictures is empty", subject: "standard input",
        expected: "a file name a line")
    }
    return names.map { FilePath(bytes: $0) }
  }
}
