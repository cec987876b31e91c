internal import SystemPackage

/// The weights that a model was trained on top of, for a file that holds only what was trained.
public struct BaseWeights: Sendable, Hashable, Codable {
  /// The weights file, relative to the folder of the model file, or absolute.
  public let file: String
  /// Hash of the parameters that are taken from there; see `Parameters.fingerprint`.
  public let fingerprint: String

  /// A base from its parts.
  public init(file: String, fingerprint: String) {
    self.file = file
    self.fingerprint = fingerprint
  }

  /// Where the file should be, for a model file at `path`.
  func location(for path: FilePath) -> FilePath {
    path.removingLastComponent().pushing(FilePath(file))
  }
}
