/// How strictly a weights file is read.
public struct WeightsReadingOptions: Sendable, Hashable {
  /// Whether arrays in zip archives (`.npz`, `.pth`) must match their checksum when they are first
  /// used. It reads every byte once, at about two gigabytes a second and core; without it a flipped
  /// bit becomes a wrong weight, without a word.
  public var verifiesChecksums: Bool

  /// The largest size of all arrays together, as Float32, in bytes. A small file can announce huge
  /// arrays (compressed zeros); it is refused before anything is allocated.
  public var maximumByteCount: Int

  /// Options; the defaults are for files from anywhere.
  public init(verifiesChecksums: Bool = true, maximumByteCount: Int = 16 << 30) {
    self.verifiesChecksums = verifiesChecksums
    self.maximumByteCount = maximumByteCount
  }
}
