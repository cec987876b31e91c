internal import CNNSystem
package import SystemPackage

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
