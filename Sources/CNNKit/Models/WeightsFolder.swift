internal import CNNPlatform
public import CNNSystem
public import SystemPackage

/// The folders that are searched for weights when no file is named.
public enum WeightsFolder {
  /// The folders, in the order of the search: `$CNN_WEIGHTS`, and `Weights` in the current folder.
  public static var all: [FilePath] {
    let named = getenv("CNN_WEIGHTS").map { FilePath(platformString: $0) }
    return [named, FilePath("Weights")].compactMap { $0 }
  }

  /// The first file for `model` under one of its usual names: the published ones, and the model's
  /// own name with each extension.
  ///
  /// - Throws: `notFound`, with the names of the files and where they are published.
  public static func find(_ model: CNNModel) throws(CNNError) -> FilePath {
    let published = model.publishedWeights.map(\.fileName)
    let own = ["safetensors", "npz", "pth", "npy"].map { "\(model.name).\($0)" }
    for folder in all {
      for name in published + own {
        let path = folder.appending(name)
        if path.withPlatformString({ access($0, R_OK) }) == 0 { return path }
      }
    }
    throw CNNError(
      .weights, .notFound,
      "no weights were found in " + all.map(\.displayName).joined(separator: " or "),
      subject: model.name,
      remedy: CNNError.Remedy("Name a file, or put one of these there", action: .nameWeights),
      details: model.publishedWeights.map { "\($0.fileName)  from \($0.source)" }
        + ["\(own[0])  of your own"])
  }
}
