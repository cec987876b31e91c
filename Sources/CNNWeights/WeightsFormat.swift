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
