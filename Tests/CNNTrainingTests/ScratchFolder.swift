import CNNTestSupport
import Foundation
import SystemPackage

/// A folder for the files of one test, removed with this value.
final class ScratchFolder {
  let url: URL
  private let isKept: Bool

  /// - Parameter name: with CNN_TEST_OUTPUT, the folder of this name there, which is kept so that
  ///   people can look at what was written.
  init(keptAs name: String? = nil) throws {
    let kept = ProcessInfo.processInfo.environment["CNN_TEST_OUTPUT"]
    if let kept, let name {
      url = URL(fileURLWithPath: kept).appendingPathComponent(name)
      try? FileManager.default.removeItem(at: url)
      isKept = true
    } else {
      url = FileManager.default.temporaryDirectory
        .appendingPathComponent("cnn-training-\(UUID().uuidString)")
      isKept = false
    }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    if !isKept { try? FileManager.default.removeItem(at: url) }
  }

  /// The folder itself.
  var path: FilePath { FilePath(url.path) }

  /// The path of a file in the folder.
  func path(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

  /// Writes a file, and the folders above it.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> FilePath {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return path(name)
  }

  /// Copies one of the small pictures of the picture tests.
  @discardableResult
  func copyPicture(_ picture: String, to name: String) throws -> FilePath {
    let source = TestData.packageFolder
      .appendingPathComponent("Tests/CNNImageTests/Fixtures/pictures/\(picture)")
    return try write([UInt8](Data(contentsOf: source)), to: name)
  }
}
