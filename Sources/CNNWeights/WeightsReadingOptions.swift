/// How a weights file is read.
public struct WeightsReadingOptions: Sendable, Hashable {
  /// Where the bytes of a file are while its arrays are used.
  public enum Storage: String, Sendable, Hashable, CaseIterable {
    /// In the file, which is mapped into memory: a part of it is read when it is first used, and the
    /// system can drop it again. The file must not be changed or shortened while an array of it is
    /// in use: overwritten elements change under the network, and where the file became shorter the
    /// system ends the process (SIGBUS). Replacing a file by renaming another over it is safe, for
    /// the old one then exists until it is no longer used.
    case mapped
    /// In memory of the process, read at once: the file may change or vanish afterwards. It takes
    /// the size of the file in memory that no other process shares.
    case inMemory
  }

  /// Where the bytes of a file are.
  public var storage: Storage

  /// Whether arrays in zip archives (`.npz`, `.pth`) must match their checksum when they are first
  /// used. That reads every byte once, about two gigabytes a second on each core; without it a
  /// flipped bit becomes a wrong weight without an error.
  public var verifiesChecksums: Bool

  /// The largest size of all arrays together, as Float32, in bytes. A small file can announce huge
  /// arrays (compressed zeros); it is refused before anything is allocated.
  public var maximumByteCount: Int

  /// Which part of the file holds the weights, where it holds several sets: the keys that lead to
  /// the state dict in a PyTorch checkpoint (`model_ema`, `model.state_dict`), or the
  /// first part of the names of the arrays (`teacher` for `teacher.conv1.weight`). Nil for the only one.
  public var entry: String?

  /// Options; the defaults are for files from anywhere.
  public init(
    storage: Storage = .mapped, verifiesChecksums: Bool = true, maximumByteCount: Int = 16 << 30,
    entry: String? = nil
  ) {
    self.storage = storage
    self.verifiesChecksums = verifiesChecksums
    self.maximumByteCount = maximumByteCount
    self.entry = entry
  }
}
