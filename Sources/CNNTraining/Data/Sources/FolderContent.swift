internal import CNNSystem
package import SystemPackage

/// What lies directly in a folder.
struct FolderContent {
  let path: FilePath
  let files: [FilePath]
  let folders: [FilePath]

  init(_ path: FilePath) throws(CNNError) {
    self.path = path
    let entries = try Folder.entries(of: path, domain: .data)
    folders = entries.filter { Folder.exists(at: $0) && !RunRecord.isIn($0) }
    files = entries.filter { !Folder.exists(at: $0) }
  }

  /// The file of that name.
  func file(_ name: String) -> FilePath? { files.first { $0.lastComponent?.string == name } }

  /// The first sub-folder of one of these names, in any case.
  func folder(_ names: [String]) -> FilePath? {
    folders.first { names.contains($0.lastComponent?.string.lowercased() ?? "") }
  }

  /// Whether a sub-folder's name says that it is a part of a data set, not a class.
  static func isPart(_ folder: FilePath) -> Bool {
    let name = folder.lastComponent?.string.lowercased() ?? ""
    return ["train", "val", "test"].contains { name.hasPrefix($0) }
  }
}

/// The file by which the folder of a training run is known. What lies in such a folder are plots and
/// samples of a run, never pictures of a data set.
package enum RunRecord {
  /// The file's name.
  package static let fileName = "run.json"

  /// Whether a run has begun in `folder`.
  package static func isIn(_ folder: FilePath) -> Bool {
    Folder.isFile(folder.appending(fileName))
  }
}
