public import SystemPackage

extension RunFolder {
  /// How a run uses its folder; nothing of it decides the result.
  public struct Options: Sendable {
    /// The command line, for the record of the run.
    public var command: String
    /// Whether an earlier run in the folder is forgotten instead of resumed.
    public var startsFresh: Bool
    /// Store only what is trained, and find the rest again in this weights file by its hash; nil
    /// stores whole models.
    public var headOnlyBase: FilePath?

    /// Options from their parts; see the properties.
    public init(command: String = "", startsFresh: Bool = false, headOnlyBase: FilePath? = nil) {
      self.command = command
      self.startsFresh = startsFresh
      self.headOnlyBase = headOnlyBase
    }
  }
}
