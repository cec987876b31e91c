/// The formats of weights files that are read.
public enum WeightsFormat: String, Sendable, Hashable, CaseIterable {
  /// One array of NumPy, or a pickled dict of arrays (`bvlc_alexnet.npy`).
  case npy
  /// A zip archive of NumPy arrays.
  case npz
  /// Hugging Face's format.
  case safetensors
  /// PyTorch since 1.6.
  case torchZip = "pytorch"
  /// PyTorch before 1.6.
  case torchLegacy = "pytorch-legacy"

  /// What people call the format.
  public var displayName: String {
    switch self {
    case .npy: "NumPy array (.npy)"
    case .npz: "NumPy archive (.npz)"
    case .safetensors: "safetensors"
    case .torchZip: "PyTorch state dict"
    case .torchLegacy: "PyTorch state dict, legacy format"
    }
  }
}

/// What the reader of one format has found in a file.
struct FileContents {
  /// The arrays in the order of the file.
  var arrays: [NamedArray] = []
  /// Entries that are no numeric arrays.
  var ignored: [NamedArrays.IgnoredEntry] = []
  /// Texts that the file holds about itself.
  var metadata: [String: String] = [:]
  /// What a reader should know about how the file was understood.
  var notes: [String] = []
  /// Whether `arrays` are the entry that the caller has named, and no longer the whole file.
  var hasNamedEntry = false

  /// Adds what another file of the same weights holds.
  mutating func append(_ other: FileContents) {
    arrays += other.arrays
    ignored += other.ignored
    metadata.merge(other.metadata) { first, _ in first }
    notes += other.notes
    hasNamedEntry = hasNamedEntry || other.hasNamedEntry
  }
}
