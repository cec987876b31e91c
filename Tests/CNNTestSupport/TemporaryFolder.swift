public import Foundation
public import SystemPackage

/// A folder for the files of one test, removed with everything in it when this value goes.
public final class TemporaryFolder: Sendable {
  /// The folder itself.
  public let url: URL
  private let isKept: Bool

  /// Creates an empty folder.
  ///
  /// - Parameter name: with CNN_TEST_OUTPUT set, the folder of this name there, which is kept so
  ///   that people can look at what was written.
  public init(keptAs name: String? = nil) throws {
    let output = ProcessInfo.processInfo.environment["CNN_TEST_OUTPUT"]
    if let output, let name {
      url = URL(fileURLWithPath: output).appendingPathComponent(name)
      try? FileManager.default.removeItem(at: url)
      isKept = true
    } else {
      url = FileManager.default.temporaryDirectory
        .appendingPathComponent("cnn-test-\(UUID().uuidString)")
      isKept = false
    }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    if !isKept { try? FileManager.default.removeItem(at: url) }
  }

  /// The folder itself.
  public var path: FilePath { FilePath(url.path) }

  /// The path of a file in the folder.
  public func path(_ name: String) -> FilePath { path.pushing(FilePath(name)) }

  /// The URL of a file in the folder.
  public func url(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Writes a file, and creates the folders above it.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> FilePath {
    let file = url(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return path(name)
  }

  /// Copies one of the small pictures of the picture tests.
  @discardableResult
  public func copyPicture(_ picture: String, to name: String) throws -> FilePath {
    let source = TestData.packageFolder
      .appendingPathComponent("Tests/CNNImageTests/Fixtures/pictures/\(picture)")
    return try write([UInt8](Data(contentsOf: source)), to: name)
  }
}
