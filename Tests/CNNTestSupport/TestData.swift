public import Foundation

/// Real weights and pictures that lie beside the package and not in it; tests that need them are
/// skipped where they are absent.
public enum TestData {
  /// The folder: `CNN_TEST_DATA`, or `../shared/data` beside the package.
  public static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["CNN_TEST_DATA"] {
      return URL(fileURLWithPath: path)
    }
    return packageFolder.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  /// The package's own folder.
  public static let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Whether the folder is there.
  public static let isPresent = FileManager.default.fileExists(atPath: folder.path)

  /// The reason that a skipped test gives.
  public static let absence = "needs the real weights and pictures in CNN_TEST_DATA"

  /// A file in the folder.
  public static func file(_ path: String) -> URL { folder.appendingPathComponent(path) }
}
