import CNNImage
import CNNSystem
import SystemPackage

/// The picture files that the arguments of a command stand for.
struct PictureList {
  /// The files in the order in which they are worked on.
  let paths: [FilePath]
  /// Arguments that stand for none: an empty folder, a folder that cannot be opened.
  let failures: [(path: FilePath, error: CNNError)]

  /// Expands files, folders and `-`.
  init(_ arguments: [PathArgument]) {
    var paths: [FilePath] = []
    var failures: [(path: FilePath, error: CNNError)] = []
    let expanded = arguments.flatMap { argument in
      argument.path == FilePath("-") ? Self.linesOfStandardInput() : [argument.path]
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

  /// The files of a folder that are pictures by content or claim to be one by name; others, such
  /// as a list of labels, are nobody's business.
  private static func pictures(below folder: FilePath) throws(CNNError) -> [FilePath] {
    let files = try Folder.files(below: folder, domain: .picture)
    let pictures = files.filter { PictureFormat.isCandidate($0) }
    guard !pictures.isEmpty else {
      throw CNNError(
        .picture, .notFound, "the folder has no pictures", subject: folder.displayName,
        found: files.isEmpty ? "no files" : "\(files.count) other files",
        expected: "JPEG or PNG files")
    }
    return pictures
  }

  private static func linesOfStandardInput() -> [FilePath] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while let count = try? chunk.withUnsafeMutableBytes({ buffer in
      try FileDescriptor.standardInput.read(into: buffer)
    }), count > 0 {
      bytes += chunk[..<count]
    }
    return bytes.split { $0 == 0x0A || $0 == 0x0D || $0 == 0 }.map { FilePath(bytes: $0) }
  }
}
